// What time brings about, over a real PostgreSQL: deletions carried out exactly once, never half, never against a cancel.
import { eq, sql } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { deletions, events, executions, functions, liveExecutions, overlays } from '../../src/db/schema.ts'
import { heldExecutions } from '../../src/executions/cancel-queued.ts'
import { createPayloads } from '../../src/executions/payloads.ts'
import { cancelDeletion, requestDeletion } from '../../src/functions/deletion.ts'
import { listDueDeletions } from '../../src/functions/deletions-store.ts'
import { pause } from '../../src/functions/pause.ts'

import { carryOut, sweepOnce } from '../../src/functions/sweep.ts'
import {
  createTestCore,
  found,
  insertBuild,
  insertEnvironment,
  insertExecutions,
  insertFunction,
  insertRepository,
} from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'
import { createMemoryStore } from './executions-setup.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 20, name: 'sweep test' })
})
afterAll(() => database.close())

async function setup() {
  const { db } = database
  const core = createTestCore(db)
  const repository = await insertRepository(db)
  const environment = await insertEnvironment(db, repository.id)
  const build = await insertBuild(db, environment.id, 1, [found('hello')])
  const hello = await insertFunction(db, environment.id, 'hello', build.id)
  const artifacts = new Map<string, string>()
  const deps = {
    core,
    executions: heldExecutions(createPayloads(db, createMemoryStore())),
    artifacts: {
      async put(content: Uint8Array) {
        const digest = `sha256:${artifacts.size}`
        artifacts.set(digest, new TextDecoder().decode(content))
        return digest
      },
    },
    log: pino({ level: 'silent' }),
  }
  const on = { environmentId: environment.id, functionName: 'hello', actor: 'alice', dryRun: false }
  return {
    db,
    core,
    deps,
    artifacts,
    environment,
    hello,
    on,
    deleting: { ...on, reason: 'user_requested' as const, graceSeconds: 0 },
    dueHere: async () =>
      (await listDueDeletions(db, 1_000)).filter(due => due.environmentId === environment.id),
    functionNow: async () => (await db.select().from(functions).where(eq(functions.id, hello.id)))[0],
    deletionNow: async () =>
      (await db.select().from(deletions).where(eq(deletions.functionId, hello.id))).at(-1),
    statesOfExecutions: async () =>
      (await db.select().from(executions).where(eq(executions.functionId, hello.id))).map(row => row.state),
    eventsOf: async (type: string) =>
      (await db.select().from(events).where(eq(events.functionId, hello.id))).filter(
        event => event.type === type,
      ),
  }
}

describe('a due deletion', () => {
  test('cancels what was held, keeps the payloads, and tells', async () => {
    const {
      db,
      core,
      deps,
      artifacts,
      hello,
      on,
      deleting,
      functionNow,
      deletionNow,
      statesOfExecutions,
      eventsOf,
    } = await setup()
    const held = await insertExecutions(db, hello, 3)
    await pause(core, { ...on, reason: null, until: null })
    await requestDeletion(core, deleting)
    await sweepOnce(deps)
    expect(await functionNow()).toMatchObject({ state: 'deleted' })
    expect(await statesOfExecutions()).toEqual(['cancelled', 'cancelled', 'cancelled'])
    const deletion = await deletionNow()
    expect(deletion?.completedAt).toBeInstanceOf(Date)
    const lines = (artifacts.get(deletion?.tombstone ?? '') ?? '')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines[0]).toMatchObject({ function: { id: hello.id, name: 'hello' }, executions: 3 })
    expect(lines.slice(1)).toEqual(
      expect.arrayContaining(held.map(one => ({ id: one.id, arguments: one.arguments }))),
    )
    expect(await eventsOf('function.deleted')).toMatchObject([
      { actor: 'sluice', data: { cancelled: 3, tombstone: deletion?.tombstone } },
    ])
    expect(await db.select().from(overlays).where(eq(overlays.functionId, hello.id))).toMatchObject([
      { liftedBy: 'sluice' },
    ])
    const late = await cancelDeletion(core, on)
    expect(late).toMatchObject({ kind: 'refused', code: 'already_deleted' })
  })

  test('is left alone before its time', async () => {
    const { core, deps, deleting, functionNow } = await setup()
    await requestDeletion(core, { ...deleting, graceSeconds: 3_600 })
    await sweepOnce(deps)
    expect(await functionNow()).toMatchObject({ state: 'pending_deletion' })
  })

  test('waits for what still runs', async () => {
    const { db, core, deps, hello, deleting, dueHere, functionNow, statesOfExecutions } = await setup()
    await insertExecutions(db, hello, 1)
    const now = new Date()
    const running = {
      state: 'running' as const,
      token: hello.id,
      leaseUntil: now,
      attemptStartedAt: now,
      attempt: 1,
    }
    await db.update(liveExecutions).set(running).where(eq(liveExecutions.functionId, hello.id))
    await requestDeletion(core, deleting)
    const [deletion] = await db.select().from(deletions).where(eq(deletions.functionId, hello.id))
    const due = { id: deletion?.id ?? '', functionId: hello.id, environmentId: hello.environmentId }
    expect(await dueHere()).toEqual([])
    expect(await carryOut(deps, due)).toBe('waits')
    expect(await functionNow()).toMatchObject({ state: 'pending_deletion' })
    expect(await statesOfExecutions()).toEqual(['running'])
  })

  test('whose payloads cannot be stored changes nothing, and is carried out in a later round', async () => {
    const { db, core, deps, hello, deleting, functionNow, statesOfExecutions } = await setup()
    await insertExecutions(db, hello, 2)
    await requestDeletion(core, deleting)
    const full = { put: () => Promise.reject(new Error('disk full')) }
    await sweepOnce({ ...deps, artifacts: full })
    expect(await functionNow()).toMatchObject({ state: 'pending_deletion' })
    expect(await statesOfExecutions()).toEqual(['queued', 'queued'])
    await sweepOnce(deps)
    expect(await functionNow()).toMatchObject({ state: 'deleted' })
  })

  test('is carried out once by any number of sweeps', async () => {
    const { core, deps, deleting, dueHere, artifacts, eventsOf } = await setup()
    await requestDeletion(core, deleting)
    const [due] = await dueHere()
    if (!due) throw new Error('nothing due')
    const results = await Promise.all(Array.from({ length: 6 }, () => carryOut(deps, due)))
    expect(results.filter(result => result === 'deleted')).toHaveLength(1)
    expect(artifacts.size).toBe(1)
    expect(await eventsOf('function.deleted')).toHaveLength(1)
  })
})

test('M20: of a cancel and a sweep at the same moment exactly one wins, and nothing is half done', async () => {
  const rounds = 60
  const wins = { cancel: 0, sweep: 0 }
  for (let round = 0; round < rounds; round++) {
    const {
      db,
      core,
      deps,
      artifacts,
      hello,
      on,
      deleting,
      dueHere,
      functionNow,
      deletionNow,
      statesOfExecutions,
      eventsOf,
    } = await setup()
    await insertExecutions(db, hello, 2)
    await requestDeletion(core, deleting)
    const [due] = await dueHere()
    if (!due) throw new Error('nothing due')
    const cancel = () => cancelDeletion(core, on)
    const sweep = () => carryOut(deps, due)
    // Who starts first alternates, so that each side gets its chances.
    const [cancelled, swept] =
      round % 2 === 0
        ? await Promise.all([cancel(), sweep()])
        : await Promise.all([sweep(), cancel()]).then(([second, first]) => [first, second] as const)
    const deletion = await deletionNow()
    if (swept === 'deleted') {
      wins.sweep++
      expect(cancelled).toMatchObject({ kind: 'refused', code: 'already_deleted' })
      expect(await functionNow()).toMatchObject({ state: 'deleted' })
      expect(deletion).toMatchObject({ cancelledAt: null, tombstone: expect.any(String) })
      expect(await statesOfExecutions()).toEqual(['cancelled', 'cancelled'])
      expect(await eventsOf('function.deletion_cancelled')).toEqual([])
    } else {
      wins.cancel++
      expect(swept).toBe('cancelled')
      expect(cancelled).toMatchObject({ kind: 'done', code: 'deletion_cancelled' })
      expect(await functionNow()).toMatchObject({ state: 'active' })
      expect(deletion).toMatchObject({ completedAt: null, cancelledBy: 'alice' })
      expect(await statesOfExecutions()).toEqual(['queued', 'queued'])
      expect(artifacts.size).toBe(0)
      expect(await eventsOf('function.deleted')).toEqual([])
    }
  }
  expect(Math.min(wins.cancel, wins.sweep), 'both sides had their chance').toBeGreaterThan(0)
})

describe('an overlay with an end', () => {
  test('is not in force after it, and the sweep lifts it once and tells', async () => {
    const { db, core, deps, hello, on, eventsOf } = await setup()
    await pause(core, { ...on, reason: null, until: new Date(Date.now() + 3_600_000) })
    await sweepOnce(deps)
    expect(await eventsOf('function.resumed')).toEqual([])
    await db
      .update(overlays)
      .set({ until: sql`now() - interval '1 second'` })
      .where(eq(overlays.functionId, hello.id))
    await Promise.all([sweepOnce(deps), sweepOnce(deps), sweepOnce(deps)])
    expect(await db.select().from(overlays).where(eq(overlays.functionId, hello.id))).toMatchObject([
      { liftedBy: 'sluice' },
    ])
    expect(await eventsOf('function.resumed')).toMatchObject([
      { actor: 'sluice', data: { because: 'until' } },
    ])
  })

  test('makes room for a new pause although no sweep has come by', async () => {
    const { db, core, hello, on } = await setup()
    await pause(core, { ...on, reason: 'first', until: new Date(Date.now() + 3_600_000) })
    await db
      .update(overlays)
      .set({ until: sql`now() - interval '1 second'` })
      .where(eq(overlays.functionId, hello.id))
    expect(await pause(core, { ...on, reason: 'second', until: null })).toMatchObject({ kind: 'done' })
  })
})
