// The next version's migration under a version at work (RELIABILITY.md F55, F56): it never makes others wait behind it, no call fails
// and nothing is lost, and the program of before may be started again, unless the migration says that it may not.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { migrate } from '../../src/db/migrate.ts'
import { freshDatabase } from '../support/postgres.ts'
import { serve } from '../support/serving.ts'
import { setup, until } from './executions-setup.ts'

/** The migrations as the next version brings them: ours, and one more. */
function nextMigrations(text: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(path.resolve(import.meta.dirname, '../../drizzle'), folder, { recursive: true })
  const file = path.join(folder, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { idx: number; when: number }[] }
  const last = journal.entries.at(-1)
  if (!last) throw new Error('no migrations')
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, ...{ tag: 'next' } })
  writeFileSync(file, JSON.stringify(journal))
  writeFileSync(path.join(folder, 'next.sql'), text.replaceAll(';\n', ';\n--> statement-breakpoint\n'))
  return folder
}

// Of every table that a call and its attempt touch.
const additions = `alter table functions add column next_one integer default 0 not null;
alter table environments add column next_one integer default 0 not null;
alter table versions add column next_one text;
alter table overlays add column next_one text;
alter table tokens add column next_one text;
alter table live_executions add column next_one text;
alter table finished_executions add column next_one text;
create index next_one on live_executions (next_one)`

test('behind a long reader it makes nobody wait; calls, claims and settles go on through it', async () => {
  const place = await setup(inject('postgresUrl'))
  await place.deploy('one')
  const { call, hand } = await serve(place)
  const accepted: string[] = []
  const work = async () => {
    const answer = await call('one')
    expect(answer).toMatchObject({ status: 201 })
    accepted.push(answer.id)
    for (const id of hand.running()) hand.end(id)
  }
  for (let calls = 0; calls < 5; calls++) await work()

  const reader = connect(place.url, { max: 1, name: 'long reader' })
  onTestFinished(() => reader.close())
  const over = Promise.withResolvers<void>()
  const open = Promise.withResolvers<void>()
  const reading = reader.db.transaction(async tx => {
    await tx.execute(sql`select count(*) from functions`)
    open.resolve()
    await over.promise
  })
  await open.promise
  let isMigrated = false
  const migrating = migrate(place.url, nextMigrations(additions)).finally(() => {
    isMigrated = true
  })
  await until(async () => {
    const waiting = await place.db.execute(
      sql`select 1 from pg_stat_activity where application_name = 'sluice migrate' and wait_event_type = 'Lock' and datname = current_database()`,
    )
    return waiting.length > 0
  })
  // With a migration that waits for its lock as long as it takes, these would wait for the reader, which waits for them.
  for (let calls = 0; calls < 3; calls++) await work()
  expect(isMigrated).toBe(false)
  over.resolve()
  await reading
  while (!isMigrated) await work()
  expect(await migrating).toBe(1)
  for (let calls = 0; calls < 5; calls++) await work()

  await until(async () => {
    for (const id of hand.running()) hand.end(id)
    const [row] = await place.db.execute<{ count: number }>(
      sql`select count(*)::int as count from live_executions`,
    )
    return row?.count === 0
  })
  const rows = await place.db.execute<{ id: string; state: string; attempt: number }>(
    sql`select id, state, attempt from executions`,
  )
  expect(rows.map(row => row.id).toSorted()).toEqual(accepted.toSorted())
  expect(new Set(rows.map(row => `${row.state} ${row.attempt}`))).toEqual(new Set(['succeeded 1']))
  expect(await place.db.execute(sql`select 1 from pg_index where not indisvalid`)).toEqual([])
})

test('the program of before starts on what the next one left, and works on it', async () => {
  const url = await freshDatabase(inject('postgresUrl'))
  expect(await migrate(url, nextMigrations(additions))).toBe(1)
  expect(await migrate(url)).toBe(0)
})

test('unless the next one said that it cannot', async () => {
  const url = await freshDatabase(inject('postgresUrl'))
  const known = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../drizzle/meta/_journal.json'), 'utf8'),
  ).entries.length
  const comment = `comment on table drizzle.__drizzle_migrations is 'needs ${known + 1} migrations'`
  const folder = nextMigrations(`drop table tokens;\n${comment}`)
  expect(await migrate(url, folder)).toBe(1)
  await expect(migrate(url)).rejects.toMatchObject({ code: 'misconfigured' })
  expect(await migrate(url, folder)).toBe(0)
})
