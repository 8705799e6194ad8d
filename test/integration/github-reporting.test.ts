// The reconciling part that all reports share: bursts become few writes, no change is lost, errors end where they should.
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { createJobs, type Jobs } from '../../src/db/jobs.ts'
import { AppError } from '../../src/errors.ts'
import { type Append, createAppend } from '../../src/events/outbox.ts'
import {
  createReporting,
  Postponed,
  type Remote,
  type Reporter,
  type Writing,
} from '../../src/events/reporter.ts'
import { reportsLeftBehind } from '../../src/events/reports-store.ts'
import type { Service } from '../../src/service.ts'
import { freshDatabase } from '../support/postgres.ts'

const log = pino({ level: 'silent' })
let database: Database
let jobs: Jobs
let append: Append
let running: Service[] = []

beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'test reporting' })
})
afterAll(() => database.close())

beforeEach(async () => {
  await database.db.execute(sql`truncate reports, events`)
  await database.db.execute(sql`delete from pgboss.job`)
  jobs = createJobs(database, log)
  append = createAppend(jobs, [event => [{ kind: 'board', subject: event.buildId ?? 'none' }]])
  await jobs.start()
  return async () => {
    const deadline = new Date(Date.now() + 5_000)
    for (const service of running) await service.stop(deadline)
    running = []
    await jobs.stop(deadline)
  }
})

async function start(write: (writing: Writing) => Promise<Remote>) {
  const board: Reporter = { write }
  const service = createReporting({ core: { db: database.db, jobs }, reporters: { board }, log })
  await service.start()
  running.push(service)
}

const buildId = '018f0000-0000-7000-8000-000000000001'

function changed(times = 1) {
  return Promise.all(
    Array.from({ length: times }, () =>
      database.db.transaction(tx => append(tx, { type: 'build.progressed', repositoryId: 1, buildId })),
    ),
  )
}

async function report() {
  const [row] = await database.db.execute<{
    wanted: number
    written: number
    error: string | null
    remote: Remote
  }>(sql`select wanted::int, written::int, error, remote from reports`)
  return row
}

test('a burst of changes becomes few writes, and the last of them is in', async () => {
  let writes = 0
  await changed(40)
  await start(async () => ({ writes: ++writes }))
  await expect.poll(report, { timeout: 20_000 }).toMatchObject({ wanted: 40, written: 40 })
  expect(writes).toBeLessThanOrEqual(3)
})

test('a change during a write is written after it: none is lost between reading and noting', async () => {
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const seen: number[] = []
  await start(async () => {
    seen.push((await report())?.wanted ?? 0)
    if (seen.length === 1) {
      entered.resolve()
      await release.promise
    }
    return {}
  })
  await changed()
  await entered.promise
  await changed(3)
  release.resolve()
  await expect.poll(report, { timeout: 20_000 }).toMatchObject({ wanted: 4, written: 4 })
  expect(seen[0]).toBe(1)
  expect(seen.at(-1)).toBe(4)
})

test('M38: what may not be written so soon is written later, with all that changed meanwhile', async () => {
  let tries = 0
  await start(async () => {
    if (++tries === 1) {
      await changed(2)
      throw new Postponed(1_000)
    }
    return { tries }
  })
  await changed()
  await expect.poll(report, { timeout: 20_000 }).toMatchObject({ wanted: 3, written: 3, error: null })
})

test('M38: what is worth writing at once does not wait for what was put off', async () => {
  let tries = 0
  await start(async () => {
    if (++tries === 1) throw new Postponed(3_600_000)
    return { tries }
  })
  await changed()
  const later = sql`select 1 from pgboss.job where singleton_key like '% later' and state = 'created'`
  await expect.poll(() => database.db.execute(later), { timeout: 20_000 }).toHaveLength(1)
  await changed()
  await expect.poll(report, { timeout: 20_000 }).toMatchObject({ wanted: 2, written: 2 })
})

test('what was remembered in the middle of a write that then failed is there at the next try', async () => {
  const remotes: Remote[] = []
  await start(async ({ remote, remember }) => {
    remotes.push(remote)
    if (remotes.length > 1) return { ...remote, done: true }
    await remember({ id: 7 })
    throw new Error('the connection was reset')
  })
  await changed()
  await expect
    .poll(report, { timeout: 20_000 })
    .toMatchObject({ written: 1, error: null, remote: { id: 7, done: true } })
  expect(remotes).toEqual([{}, { id: 7 }])
})

describe('an error that only a person can mend', () => {
  test('is recorded and not tried again until something changes', async () => {
    let tries = 0
    await start(async () => {
      tries++
      if (tries > 1) return { fine: true }
      throw new AppError('misconfigured', 'the channel is archived: name another one')
    })
    await changed()
    await expect
      .poll(report, { timeout: 20_000 })
      .toMatchObject({ written: 1, error: expect.stringContaining('archived') })
    await changed()
    await expect
      .poll(report, { timeout: 20_000 })
      .toMatchObject({ written: 2, error: null, remote: { fine: true } })
    expect(tries).toBe(2)
  })

  test('is how a report ends whose reporter was switched off', async () => {
    await start(async () => ({}))
    await database.db.execute(sql`insert into reports (kind, subject) values ('slack-build', 'x')`)
    const [row] = await database.db.execute<{ id: string }>(sql`select id from reports`)
    const reportId = row?.id ?? ''
    await jobs.send(database.db, 'report', { reportId }, reportId)
    await expect
      .poll(report, { timeout: 20_000 })
      .toMatchObject({ written: 1, error: expect.stringContaining('slack-build') })
  })
})

describe('the sweep', () => {
  const behind = () => reportsLeftBehind(database.db, 10)

  test('finds what is behind and has no job', async () => {
    await changed()
    await database.db.execute(sql`update reports set updated_at = now() - interval '1 minute'`)
    expect(await behind()).toEqual([])
    await database.db.execute(sql`delete from pgboss.job`)
    expect(await behind()).toHaveLength(1)
  })

  test('is not held up by a batch of hopeless ones: each round takes those that have no job yet', async () => {
    await database.db.execute(sql`
      insert into reports (kind, subject, updated_at)
      select 'board', n::text, now() - interval '1 hour' from generate_series(1, 25) n`)
    const found = new Set<string>()
    for (let round = 0; round < 3; round++) {
      for (const reportId of await behind()) {
        found.add(reportId)
        await jobs.send(database.db, 'report', { reportId }, reportId)
      }
    }
    expect(found.size).toBe(25)
  })

  test('leaves alone what changed a moment ago, and what failed for three days', async () => {
    await database.db.execute(sql`
      insert into reports (kind, subject, updated_at) values
        ('board', 'new', now()), ('board', 'old', now() - interval '4 days')`)
    expect(await behind()).toEqual([])
  })
})
