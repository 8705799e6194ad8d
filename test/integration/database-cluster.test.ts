// The embedded PostgreSQL: whole after a kill of us, adopted or started again, stopped with the last of us.
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { findPlace } from '../../src/db/embedded/place.ts'
import { readPostmaster } from '../../src/db/embedded/postmaster.ts'
import { migrate } from '../../src/db/migrate.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-cluster-'))
})
afterEach(async () => {
  await (await startCluster(folder)).stop()
  const { data } = findPlace(folder)
  await rm(data, { recursive: true, force: true })
  await rm(`${data}.log`, { force: true })
  await rm(folder, { recursive: true, force: true })
})

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const { db, close } = connect(url, { max: 1, name: 'test' })
  try {
    return await db.execute(sql.raw(text))
  } finally {
    await close()
  }
}

const pidOf = () => readPostmaster(findPlace(folder).data)?.pid

/** Another process of ours that starts the cluster, says so, and then only lives. */
async function startElsewhere() {
  const module = path.resolve(import.meta.dirname, '../../src/db/embedded/cluster.ts')
  const script = `const { startCluster } = await import(${JSON.stringify(module)}); await startCluster(${JSON.stringify(folder)}); console.log('up'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise(resolve => createInterface({ input: child.stdout }).once('line', resolve))
  return child
}

test('one that survived the kill of its process is adopted, with everything that was written', async () => {
  const child = await startElsewhere()
  const before = pidOf()
  const exited = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
  expect(pidOf()).toBe(before)
  const cluster = await startCluster(folder)
  expect(pidOf()).toBe(before)
  await query(cluster.url(), 'create table kept as select 42 as answer')
  expect(await query(cluster.url(), 'select answer from kept')).toEqual([{ answer: 42 }])
})

test('one that was killed itself is started again and recovers', async () => {
  const cluster = await startCluster(folder)
  await query(cluster.url(), 'create table kept as select 42 as answer')
  const before = pidOf()
  process.kill(before ?? 0, 'SIGKILL')
  const again = await startCluster(folder)
  expect(pidOf()).not.toBe(before)
  expect(await query(again.url(), 'select answer from kept')).toEqual([{ answer: 42 }])
})

test('one that looks alive and ends while it is asked is started again', async () => {
  const first = await startCluster(folder)
  await query(first.url(), 'create table kept as select 42 as answer')
  await first.stop()
  const dying = spawn('sleep', ['1000'], { argv0: 'postgres', stdio: 'ignore' })
  const place = findPlace(folder)
  const record = [dying.pid, place.data, 0, 5432, place.socket, '', '', 'ready', '']
  await writeFile(path.join(place.data, 'postmaster.pid'), record.join('\n'))
  const refusing = createServer(socket => {
    socket.destroy()
    refusing.close()
    dying.kill('SIGKILL')
  })
  await mkdir(place.socket, { recursive: true })
  await new Promise<void>(resolve => refusing.listen(path.join(place.socket, '.s.PGSQL.5432'), resolve))
  const again = await startCluster(folder)
  expect(pidOf()).not.toBe(dying.pid)
  expect(await query(again.url(), 'select answer from kept')).toEqual([{ answer: 42 }])
})

test('many first starts at once share one', async () => {
  const clusters = await Promise.all([1, 2, 3].map(() => startCluster(folder)))
  const rows = await Promise.all(clusters.map(one => query(one.url(), 'select current_database() as name')))
  expect(rows.flat().map(row => row.name)).toEqual(['sluice', 'sluice', 'sluice'])
})

test('it stops with the last that uses it, and listens on no port', async () => {
  const cluster = await startCluster(folder)
  expect(await query(cluster.url(), 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
  const other = connect(cluster.url(), { max: 1, name: 'another of us' })
  await other.db.execute(sql`select 1`)
  await cluster.stop()
  expect(pidOf()).toBeDefined()
  await other.close()
  await cluster.stop()
  expect(pidOf()).toBeUndefined()
})

test('of two migrations at once one works, the other finds nothing left to do', async () => {
  const cluster = await startCluster(folder)
  const applied = await Promise.all([migrate(cluster.url()), migrate(cluster.url())])
  expect(applied.toSorted()).toEqual([0, expect.any(Number)])
  expect(Math.max(...applied)).toBeGreaterThan(0)
  const [jobs] = await query(cluster.url(), `select to_regclass('pgboss.job')::text as name`)
  expect(jobs?.name).toBe('pgboss.job')
})
