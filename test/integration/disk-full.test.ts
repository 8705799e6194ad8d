// Disks that are full (RELIABILITY.md F48), real ones: small file systems of their own. Left out where this machine mounts none.
import { randomBytes } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { connect } from '../../src/db/client.ts'
import { isOutage } from '../../src/db/outage.ts'
import { serve } from '../support/serving.ts'
import { mayMount, mountSmallDisk } from '../support/small-disk.ts'
import { setup, until } from './executions-setup.ts'

const possible = mayMount()

/** A database whose tables lie on a disk of their own, in the PostgreSQL of all tests. */
async function setupOnSmallDisk() {
  const serverUrl = inject('postgresUrl')
  const socket = new URL(serverUrl).searchParams.get('host') ?? ''
  const disk = mountSmallDisk(48, statSync(socket).uid)
  const server = connect(serverUrl, { max: 1, name: 'small disk' })
  const name = `small_${randomBytes(4).toString('hex')}`
  await server.db.execute(sql.raw(`create tablespace ${name} location '${disk.folder}'`))
  onTestFinished(async () => {
    disk.free()
    const databases = await server.db.execute<{ name: string }>(
      sql`select datname as name from pg_database d join pg_tablespace t on t.oid = d.dattablespace where t.spcname = ${name}`,
    )
    for (const one of databases) await server.db.execute(sql.raw(`drop database ${one.name} with (force)`))
    await server.db.execute(sql.raw(`drop tablespace ${name}`))
    await server.close()
    disk.remove()
  })
  const place = await setup(serverUrl)
  const database = new URL(place.url).pathname.slice(1)
  // Nobody may be connected while it moves.
  await server.db.execute(
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database}`,
  )
  await server.db.execute(sql.raw(`alter database ${database} set tablespace ${name}`))
  return { ...place, disk }
}

test.skipIf(!possible)(
  'PostgreSQL’s: calls are refused with 503, those accepted are kept, and all goes on when there is room',
  async () => {
    const place = await setupOnSmallDisk()
    const { disk } = place
    await place.deploy('one')
    const { call, hand } = await serve(place)
    const accepted = new Set<string>()
    const refused: (string | null)[] = []
    const callOnce = async () => {
      const answer = await call('one')
      if (answer.status === 201) accepted.add(answer.id)
      else refused.push(answer.error)
    }
    await callOnce()
    disk.fill()
    // What is allocated takes some more; then nothing does.
    while (refused.length < 20) await callOnce()
    expect(new Set(refused)).toEqual(new Set(['unavailable']))

    disk.free()
    const before = accepted.size
    await until(async () => {
      await callOnce()
      return accepted.size > before
    })
    const done = new Set<string>()
    await until(async () => {
      for (const id of hand.running()) {
        done.add(id)
        hand.end(id)
      }
      const [left] = await place.db.execute<{ count: number }>(
        sql`select count(*)::int as count from live_executions`,
      )
      return left?.count === 0
    })
    expect(done).toEqual(accepted)
    const states = await place.db.execute(sql`select distinct state, attempt from executions`)
    expect(states).toEqual([{ state: 'succeeded', attempt: 1 }])
  },
)

test.skipIf(!possible)('the artifacts’: nothing torn is ever seen, and what was there stays', async () => {
  const disk = mountSmallDisk(4)
  onTestFinished(() => disk.remove())
  const store = createFolderStore(disk.folder)
  const kept = await store.put(Buffer.from('was there before'))
  const large = randomBytes(1024 * 1024)
  disk.fill()
  const refused = await store.put(large).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'ENOSPC' })
  expect(isOutage(refused)).toBe(true)
  expect(readdirSync(path.join(disk.folder, '.unfinished'))).toEqual([])
  expect((await store.get(kept)).toString()).toBe('was there before')
  disk.free()
  const digest = await store.put(large)
  expect((await store.get(digest)).equals(large)).toBe(true)
})
