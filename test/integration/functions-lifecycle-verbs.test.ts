// Each verb done, repeated and refused, over a real PostgreSQL; and that what an operator decided survives a release.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { deletions, environments, events, functions, liveExecutions, overlays } from '../../src/db/schema.ts'
import { archive } from '../../src/functions/archive.ts'
import { closeEnvironment } from '../../src/functions/close.ts'
import { cancelDeletion, requestDeletion } from '../../src/functions/deletion.ts'
import { overlaysInForce } from '../../src/functions/overlays-store.ts'
import { pause } from '../../src/functions/pause.ts'
import { releaseBuild } from '../../src/functions/release.ts'
import { restore } from '../../src/functions/restore.ts'
import { resume } from '../../src/functions/resume.ts'
import { rollback } from '../../src/functions/rollback.ts'
import {
  createTestCore,
  found,
  insertBuild,
  insertEnvironment,
  insertExecutions,
  insertFunction,
  insertPreview,
  insertRepository,
} from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'lifecycle test' })
})
afterAll(() => database.close())

async function setup() {
  const { db } = database
  const core = createTestCore(db)
  const repository = await insertRepository(db)
  const environment = await insertEnvironment(db, repository.id)
  const build = await insertBuild(db, environment.id, 1, [found('hello'), found('mail')])
  await db.transaction(tx =>
    releaseBuild(tx, core, {
      environmentId: environment.id,
      buildId: build.id,
      kind: 'deploy',
      actor: 'push',
    }),
  )
  const one = (name: string) =>
    db
      .select()
      .from(functions)
      .where(eq(functions.environmentId, environment.id))
      .then(rows => rows.filter(row => row.name === name).at(-1))
  const hello = await one('hello')
  if (!hello) throw new Error('no function')
  const on = { environmentId: environment.id, functionName: 'hello', actor: 'alice', dryRun: false }
  return {
    db,
    core,
    repository,
    environment,
    build,
    hello,
    one,
    on,
    pausing: { ...on, reason: null as string | null, until: null as Date | null },
    deleting: { ...on, reason: 'user_requested' as const, graceSeconds: 3_600 },
    all: { ...on, functionName: null },
    inForce: () => overlaysInForce(db, environment.id),
    eventsOf: async (type: string) =>
      (await db.select().from(events).where(eq(events.environmentId, environment.id))).filter(
        event => event.type === type,
      ),
    deploy: async (number: number, content: string) => {
      const next = await insertBuild(db, environment.id, number, [
        found('hello', content),
        found('mail', content),
      ])
      return db.transaction(tx =>
        releaseBuild(tx, core, {
          environmentId: environment.id,
          buildId: next.id,
          kind: 'deploy',
          actor: 'push',
        }),
      )
    },
  }
}

describe('pause', () => {
  test('puts one overlay, says how many executions wait, and rewrites none of them', async () => {
    const { db, core, hello, build, pausing, inForce, eventsOf } = await setup()
    const held = await insertExecutions(db, hello, 3)
    const outcome = await pause(core, { ...pausing, reason: 'database upgrade' })
    expect(outcome).toMatchObject({ kind: 'done', code: 'paused' })
    expect(outcome.message).toContain('3 executions wait')
    expect(outcome.message).toContain('`database upgrade`')
    expect(await inForce()).toMatchObject([
      { functionId: hello.id, kind: 'pause', actor: 'alice', reason: 'database upgrade' },
    ])
    const after = await db.select().from(liveExecutions).where(eq(liveExecutions.functionId, hello.id))
    expect(after.sort((a, b) => a.sequence - b.sequence)).toEqual(held)
    expect(await eventsOf('function.paused')).toMatchObject([
      { functionId: hello.id, buildId: build.id, actor: 'alice' },
    ])
  })

  test('again with nothing new is a noop and no second event', async () => {
    const { core, pausing, inForce, eventsOf } = await setup()
    await pause(core, { ...pausing, reason: 'upgrade' })
    const before = await inForce()
    expect(await pause(core, { ...pausing, reason: 'upgrade' })).toMatchObject({
      kind: 'noop',
      code: 'already_paused',
    })
    expect(await pause(core, pausing), 'saying no reason keeps the one there is').toMatchObject({
      kind: 'noop',
    })
    expect(await inForce()).toEqual(before)
    expect(await eventsOf('function.paused')).toHaveLength(1)
  })

  test('again with another reason or end replaces it', async () => {
    const { db, core, environment, pausing, inForce } = await setup()
    await pause(core, { ...pausing, reason: 'upgrade' })
    const until = new Date(Date.now() + 3_600_000)
    expect(await pause(core, { ...pausing, reason: 'still upgrading', until, actor: 'bob' })).toMatchObject({
      kind: 'done',
    })
    expect(await inForce()).toMatchObject([{ reason: 'still upgrading', until, actor: 'bob' }])
    const all = await db.select().from(overlays).where(eq(overlays.environmentId, environment.id))
    expect(all).toHaveLength(2)
  })

  test('is refused for an unknown function, with the nearest and the list; for a past end; in a closed environment', async () => {
    const { core, pausing, environment, inForce } = await setup()
    const unknown = await pause(core, { ...pausing, functionName: 'helo' })
    expect(unknown).toMatchObject({ kind: 'refused', code: 'no_such_function' })
    expect(unknown.message).toContain('Did you mean `hello`?')
    expect(unknown.message).toContain('`mail`')
    expect(await pause(core, { ...pausing, until: new Date(Date.now() - 60_000) })).toMatchObject({
      code: 'until_past',
    })
    await closeEnvironment(core, { environmentId: environment.id, actor: 'alice', reason: 'test' })
    expect(await pause(core, pausing)).toMatchObject({ kind: 'refused', code: 'environment_closed' })
    expect(await inForce()).toEqual([])
  })

  test('of a function stands through a release, and beside the pause of its environment', async () => {
    const { core, hello, pausing, all, inForce, deploy, one } = await setup()
    await pause(core, pausing)
    await pause(core, { ...pausing, ...all })
    expect(await deploy(2, 'new')).toMatchObject({ kind: 'activated' })
    expect((await inForce()).map(overlay => overlay.functionId)).toEqual([hello.id, null])
    expect((await one('hello'))?.activeVersionId).not.toBe(hello.activeVersionId)
  })
})

describe('resume', () => {
  test('lifts the pause of a function, and says what waits', async () => {
    const { db, core, hello, on, pausing, inForce, eventsOf } = await setup()
    await insertExecutions(db, hello, 1)
    await pause(core, pausing)
    const outcome = await resume(core, { ...on, actor: 'bob' })
    expect(outcome).toMatchObject({ kind: 'done', code: 'resumed' })
    expect(outcome.message).toContain('1 execution waits')
    expect(await inForce()).toEqual([])
    const lifted = await db.select().from(overlays).where(eq(overlays.functionId, hello.id))
    expect(lifted).toMatchObject([{ liftedBy: 'bob' }])
    expect(await eventsOf('function.resumed')).toHaveLength(1)
    expect(await resume(core, on)).toMatchObject({ kind: 'noop', code: 'not_paused' })
  })

  test('of a function tells when its environment is what holds it', async () => {
    const { core, on, all, pausing } = await setup()
    await pause(core, { ...pausing, ...all })
    expect(await resume(core, on)).toMatchObject({ kind: 'refused', code: 'environment_paused' })
    await pause(core, pausing)
    expect(await resume(core, on)).toMatchObject({ kind: 'done', code: 'resumed_still_held' })
  })

  test('of an environment lifts pause and pin, and the newest build goes live', async () => {
    const { db, core, environment, all, on, pausing, inForce, deploy } = await setup()
    await deploy(2, 'bad')
    await rollback(core, { ...on, functionName: null, to: null, reason: null })
    expect(await deploy(3, 'good')).toEqual({ kind: 'held', reason: 'pinned' })
    await pause(core, { ...pausing, ...all })
    const outcome = await resume(core, all)
    expect(outcome).toMatchObject({ kind: 'done', code: 'resumed' })
    expect(outcome.message).toContain('Build 3')
    expect(await inForce()).toEqual([])
    const [row] = await db.select().from(environments).where(eq(environments.id, environment.id))
    expect(row?.activeBuildId).not.toBe(environment.activeBuildId)
    expect(await resume(core, all)).toMatchObject({ kind: 'noop', code: 'nothing_in_force' })
  })

  test('of an environment undoes the rollback of one function, though its build stayed live', async () => {
    const { core, on, all, one, hello, deploy } = await setup()
    await deploy(2, 'new')
    const newest = (await one('hello'))?.activeVersionId
    await rollback(core, { ...on, to: null, reason: null })
    expect((await one('hello'))?.activeVersionId).toBe(hello.activeVersionId)
    await resume(core, all)
    expect((await one('hello'))?.activeVersionId).toBe(newest)
  })

  test('of an environment leaves the pauses of its functions, and names them', async () => {
    const { core, all, pausing, inForce } = await setup()
    await pause(core, pausing)
    expect(await resume(core, all)).toMatchObject({ kind: 'refused', code: 'only_functions_paused' })
    await pause(core, { ...pausing, ...all })
    const outcome = await resume(core, all)
    expect(outcome.message).toContain('Still paused themselves: `hello`')
    expect(await inForce()).toHaveLength(1)
  })
})

describe('archive and restore', () => {
  test('archived by hand stays so through a deploy; restore brings it back', async () => {
    const { core, on, one, deploy, eventsOf } = await setup()
    expect(await archive(core, on)).toMatchObject({ kind: 'done', code: 'archived' })
    expect(await archive(core, on)).toMatchObject({ kind: 'noop', code: 'already_archived' })
    await deploy(2, 'new')
    expect(await one('hello')).toMatchObject({ archivedBecause: 'by_hand' })
    expect(await restore(core, on)).toMatchObject({ kind: 'done', code: 'restored' })
    expect(await one('hello')).toMatchObject({ archivedAt: null, archivedBecause: null })
    expect(await restore(core, on)).toMatchObject({ kind: 'noop', code: 'not_archived' })
    expect(await eventsOf('function.archived')).toHaveLength(1)
    expect(await eventsOf('function.restored')).toHaveLength(1)
  })

  test('restore also lifts an archive by diff, and warns that the code no longer has it', async () => {
    const { db, core, environment, on, one } = await setup()
    const without = await insertBuild(db, environment.id, 2, [found('mail')])
    await db.transaction(tx =>
      releaseBuild(tx, core, {
        environmentId: environment.id,
        buildId: without.id,
        kind: 'deploy',
        actor: 'push',
      }),
    )
    expect(await one('hello')).toMatchObject({ archivedBecause: 'removed_from_code' })
    const outcome = await restore(core, on)
    expect(outcome.code).toBe('restored')
    expect(outcome.message).toContain('not in the live code')
    expect(await one('hello')).toMatchObject({ archivedAt: null })
  })

  test('restore tells what still holds it', async () => {
    const { core, on, pausing } = await setup()
    await archive(core, on)
    await pause(core, pausing)
    expect((await restore(core, on)).message).toContain('it is paused')
  })

  test('a function that never had a version cannot be restored', async () => {
    const { db, core, environment, on } = await setup()
    await insertFunction(db, environment.id, 'empty')
    await archive(core, { ...on, functionName: 'empty' })
    expect(await restore(core, { ...on, functionName: 'empty' })).toMatchObject({
      kind: 'refused',
      code: 'no_version',
    })
  })
})

describe('deletion', () => {
  test('is scheduled by the grace, said again it is a noop with the date, and can be taken back', async () => {
    const { db, core, hello, on, deleting, one, eventsOf } = await setup()
    const scheduled = await requestDeletion(core, deleting)
    expect(scheduled).toMatchObject({ kind: 'done', code: 'deletion_scheduled' })
    expect(await one('hello')).toMatchObject({ state: 'pending_deletion' })
    const [row] = await db.select().from(deletions).where(eq(deletions.functionId, hello.id))
    expect((row?.executeAt.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)).toBe(3_600_000)
    const again = await requestDeletion(core, { ...deleting, graceSeconds: 1 })
    expect(again).toMatchObject({ kind: 'noop', code: 'already_scheduled' })
    expect(again.message).toContain(row?.executeAt.toISOString().slice(0, 10))

    expect(await cancelDeletion(core, { ...on, actor: 'bob' })).toMatchObject({
      kind: 'done',
      code: 'deletion_cancelled',
    })
    expect(await one('hello')).toMatchObject({ state: 'active' })
    expect(await cancelDeletion(core, on)).toMatchObject({ kind: 'noop', code: 'not_scheduled' })
    expect(await eventsOf('function.deletion_scheduled')).toHaveLength(1)
    expect(await eventsOf('function.deletion_cancelled')).toMatchObject([{ actor: 'bob' }])
  })

  test('can be asked for again after it was taken back', async () => {
    const { core, on, deleting } = await setup()
    await requestDeletion(core, deleting)
    await cancelDeletion(core, on)
    expect(await requestDeletion(core, deleting)).toMatchObject({ kind: 'done' })
  })

  test('stays scheduled through a deploy; archive, restore and resume point to cancelling it', async () => {
    const { core, on, deleting, one, deploy } = await setup()
    await requestDeletion(core, deleting)
    await deploy(2, 'new')
    expect(await one('hello')).toMatchObject({ state: 'pending_deletion' })
    for (const verb of [archive, restore, resume]) {
      const outcome = await verb(core, on)
      expect(outcome).toMatchObject({ kind: 'refused', code: 'pending_deletion' })
      expect(outcome.message).toContain('`/cancel-deletion production hello`')
    }
  })

  test('of a function without a version leads back to where it was', async () => {
    const { db, core, environment, on, deleting, one } = await setup()
    await insertFunction(db, environment.id, 'empty')
    await requestDeletion(core, { ...deleting, functionName: 'empty' })
    await cancelDeletion(core, { ...on, functionName: 'empty' })
    expect(await one('empty')).toMatchObject({ state: 'init' })
  })
})

test('a dry run of any verb writes nothing and says what it would do', async () => {
  const { db, core, environment, on, all, pausing, deleting, one, inForce } = await setup()
  const before = await db.select().from(events)
  const dry = { dryRun: true }
  const plans = [
    await pause(core, { ...pausing, ...dry }),
    await pause(core, { ...pausing, ...all, ...dry }),
    await archive(core, { ...on, ...dry }),
    await requestDeletion(core, { ...deleting, ...dry }),
  ]
  for (const plan of plans) expect(plan).toMatchObject({ kind: 'noop', code: 'dry_run' })
  expect(await one('hello')).toMatchObject({ state: 'active', archivedAt: null })
  expect(await inForce()).toEqual([])
  expect(await db.select().from(events)).toEqual(before)
  expect(
    await db
      .select()
      .from(deletions)
      .where(eq(deletions.functionId, (await one('hello'))?.id ?? '')),
  ).toEqual([])
  expect(environment.closedAt).toBeNull()
})

test('the events of a preview carry its pull request, so that its comment is written again', async () => {
  const { db, core, repository, on } = await setup()
  const preview = await insertPreview(db, repository.id, 7)
  const build = await insertBuild(db, preview.id, 1, [found('hello')])
  await insertFunction(db, preview.id, 'hello', build.id)
  await archive(core, { ...on, environmentId: preview.id })
  const [event] = await db.select().from(events).where(eq(events.environmentId, preview.id))
  expect(event).toMatchObject({ type: 'function.archived', data: { pullNumber: 7 } })
})
