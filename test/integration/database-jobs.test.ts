// Internal work over the real pg-boss: created with what causes it, tried again with its error kept, no change left unreported.
import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { connect, type Database, type Db } from '../../src/db/client.ts'
import { createJobs, type Jobs } from '../../src/db/jobs.ts'
import { jobsDatabase } from '../../src/db/jobs-database.ts'
import { reports } from '../../src/db/schema.ts'
import { createAppend } from '../../src/events/outbox.ts'
import { createReporting, type Writing } from '../../src/events/reporter.ts'
import { freshDatabase } from '../support/postgres.ts'

const log = pino({ level: 'silent' })
let database: Database
let jobs: Jobs
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'jobs test' })
  jobs = createJobs(database, log)
  await jobs.start()
})
afterAll(async () => {
  await jobs.stop(new Date(Date.now() + 5_000))
  await database.close()
})

test('a job exists when the transaction that causes it commits, and not otherwise', async () => {
  const { db } = database
  const send = (id: string) => db.transaction(tx => jobs.send(tx, 'delivery', { id }))
  await send('kept')
  await db
    .transaction(async tx => {
      await jobs.send(tx, 'delivery', { id: 'undone' })
      throw new Error('roll back')
    })
    .catch(() => {})
  const rows = await db.execute<{ id: string }>(
    sql`select data->>'id' as id from pgboss.job where name = 'delivery'`,
  )
  expect(rows.map(row => row.id)).toEqual(['kept'])
})

test('one that throws is tried again, and its error is kept with it', async () => {
  const tries: string[] = []
  const done = Promise.withResolvers<void>()
  await jobs.work('command', 1, async ({ commandId }) => {
    tries.push(commandId)
    if (tries.length === 1) throw new Error('the world failed')
    done.resolve()
  })
  await jobs.send(database.db, 'command', { commandId: 'one' })
  await done.promise
  expect(tries).toEqual(['one', 'one'])
  const [row] = await database.db.execute<{ output: string }>(
    sql`select output::text as output from pgboss.job where name = 'command'`,
  )
  expect(row?.output).toContain('the world failed')
})

test('a change whose transaction found a report’s job waiting is reported too, whenever it commits', async () => {
  const { db } = database
  const append = createAppend(jobs, [({ buildId }) => [{ kind: 'test', subject: buildId ?? '' }]])
  const change = {
    type: 'build.progressed',
    repositoryId: 1,
    buildId: '00000000-0000-4000-8000-000000000001',
  } as const
  const reporters = { test: { write: async ({ remote }: Writing) => remote } }
  const hour = 3_600_000 // no sweep helps here
  const reporting = createReporting({ core: { db, jobs }, log, sweepMs: hour, reporters })
  await db.transaction(tx => append(tx, change))
  await db.transaction(async tx => {
    await append(tx, change) // its job is the one that waits already
    await reporting.start()
    // Either it writes without us, which would lose this change, or it waits for our lock.
    await until(async () => (await ended(db)) || (await waitsForLock(db)))
  })
  await until(async () => {
    const [row] = await db.select().from(reports).where(eq(reports.kind, 'test'))
    return row?.wanted === 2 && (row.written === 2 || (await ended(db)))
  })
  const [report] = await db.select().from(reports).where(eq(reports.kind, 'test'))
  expect(report).toMatchObject({ wanted: 2, written: 2 })
  await reporting.stop(new Date())
})

test('a group that has no more room leaves the rest to what came after it', async () => {
  const begun: string[] = []
  const end = Promise.withResolvers<void>()
  await jobs.work('build', { all: 4, ofGroup: 2 }, async ({ buildId }) => {
    begun.push(buildId)
    await end.promise
  })
  const send = (group: string, ids: string[]) =>
    jobs.sendAll(
      database.db,
      'build',
      ids.map(id => ({ data: { buildId: `${group} ${id}` }, key: `${group} ${id}`, group })),
    )
  await send('hanging', ['1', '2', '3', '4', '5'])
  await until(async () => begun.length === 2)
  await send('other', ['1', '2', '3'])
  await until(async () => begun.length === 4)
  expect(begun.toSorted()).toEqual([
    ...[expect.stringContaining('hanging'), expect.stringContaining('hanging')],
    ...[expect.stringContaining('other'), expect.stringContaining('other')],
  ])
  end.resolve()
  await until(async () => begun.length === 8)
})

test('an error of a statement is the driver’s, by whose code pg-boss knows what is none', async () => {
  const { executeSql } = jobsDatabase(database)
  await expect(executeSql('select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' })
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20)
}

async function ended(db: Db): Promise<boolean> {
  const [row] = await db.execute<{ live: number }>(
    sql`select count(*)::int as live from pgboss.job where name = 'report' and state in ('created', 'retry', 'active')`,
  )
  return row?.live === 0
}

async function waitsForLock(db: Db): Promise<boolean> {
  const rows = await db.execute(
    sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length > 0
}
