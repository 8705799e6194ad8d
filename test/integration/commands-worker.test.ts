// The way of a command through the real queue: stored, carried out and answered in transactions that also create its jobs.
import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { receiveComment } from '../../src/commands/receive.ts'
import { createCommands } from '../../src/commands/worker.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createJobs, type Jobs } from '../../src/db/jobs.ts'
import { commands } from '../../src/db/schema.ts'
import { createAppend } from '../../src/events/outbox.ts'
import { overlaysInForce } from '../../src/functions/overlays-store.ts'
import { createHost } from '../fakes/host.ts'
import { found, insertBuild, insertEnvironment, insertFunction, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

const log = pino({ level: 'silent' })
let database: Database
let jobs: Jobs
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'command queue test' })
  jobs = createJobs(database, log)
  await jobs.start()
})
afterAll(async () => {
  await jobs.stop(new Date(Date.now() + 5_000))
  await database.close()
})

test('the commands of a comment come to their end in order, and wake the reporter of each answer', async () => {
  const { db } = database
  const reply = (commandId: unknown) => ({ kind: 'reply', subject: String(commandId) })
  const append = createAppend(jobs, [({ data }) => (data?.commandId ? [reply(data.commandId)] : [])])
  const core = { db, pool: db, jobs, append }
  const repository = await insertRepository(db)
  const production = await insertEnvironment(db, repository.id)
  const build = await insertBuild(db, production.id, 1, [found('hello')])
  await insertFunction(db, production.id, 'hello', build.id)
  const reported = new Set<string>()
  await jobs.work('report', 1, async ({ reportId }) => void reported.add(reportId))
  await createCommands({
    core,
    source: createHost(),
    roleOf: async () => 'admin',
    isInTeam: async () => false,
    secretsOf: async () => [],
    log,
  }).start()

  await receiveComment(core, {
    repositoryId: repository.id,
    commentId: 1,
    issueNumber: 1,
    commitSha: null,
    isPull: false,
    isOpen: true,
    body: '/pause production hello "first"\n/resume production hello --dry-run\n/pause production "second"',
    actor: 'ada',
    actorIsBot: false,
    commentedAt: new Date(),
  })
  const states = async () =>
    (await db.select().from(commands).where(eq(commands.commentId, 1)).orderBy(asc(commands.position))).map(
      row => `${row.state} ${row.reasonCode}`,
    )
  await vi.waitFor(
    async () => expect(await states()).toEqual(['done paused', 'noop dry_run', 'done paused']),
    60_000,
  )
  await vi.waitFor(() => expect(reported.size).toBe(3), 60_000)
  expect((await overlaysInForce(db, production.id)).map(overlay => overlay.reason)).toEqual([
    'first',
    'second',
  ])
})
