// Functions that fail, watched over a real queue's history and told of in the local Slack: once when they begin, once when all work
// again, those of one environment together, and no faster than Slack takes messages.
import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchFailures } from '../../src/alerts/watch.ts'
import { alertProgress, alerts, events, finishedExecutions, functions } from '../../src/db/schema.ts'
import { Postponed } from '../../src/events/reporter.ts'
import { archive } from '../../src/functions/archive.ts'
import { createSlack } from '../../src/slack/client.ts'
import { createSlackAlertReporter } from '../../src/slack/report-alert.ts'
import { slackTargets } from '../../src/slack/targets.ts'
import { addEnvironment, byHand, createWorld, type World } from '../support/github-world.ts'
import { createTestCore, found, insertBuild, insertFunction } from '../support/place.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

type Fn = Awaited<ReturnType<typeof insertFunction>> & { activeVersionId: string | null }
const error = (message: string) =>
  JSON.stringify({ name: 'TypeError', message, stack: 'at charge (defer/a.ts:1)' })

async function place(names: string[], said: Parameters<typeof addEnvironment>[1] = {}) {
  const name = `env-${randomUUID().slice(0, 6)}`
  const environmentId = await addEnvironment(world, { name, production: false, ...said })
  const build = await insertBuild(
    world.db,
    environmentId,
    1,
    names.map(one => found(one)),
  )
  const all: Fn[] = []
  for (const one of names) all.push(await insertFunction(world.db, environmentId, one, build.id))
  return { name, environmentId, all }
}

/** As they finish. */
async function finish(
  one: Fn,
  state: 'failed' | 'succeeded',
  amount: number,
  say = (n: number) => `no card ${n}`,
) {
  const rows = Array.from({ length: amount }, (_, n) => ({
    ...{
      id: randomUUID(),
      functionId: one.id,
      environmentId: one.environmentId,
      arguments: '[]',
      state,
      attempt: 1,
    },
    ...{ versionId: one.activeVersionId, error: state === 'failed' ? error(say(n)) : null },
    finishedAt: sql`clock_timestamp()`,
  }))
  await world.db.insert(finishedExecutions).values(rows)
}

/** One round of the watch, which began a minute ago. */
const core = () => createTestCore(world.db, [slackTargets])
async function watch() {
  await world.db
    .insert(alertProgress)
    .values({ id: 1, until: sql`now() - interval '1 minute'` })
    .onConflictDoNothing()
  await watchFailures(core(), 0)
}

async function incidentOf(environmentId: string) {
  const rows = await world.db.select().from(alerts).where(eq(alerts.environmentId, environmentId))
  return { ids: [...new Set(rows.map(one => one.incidentId))], rows }
}

async function toldOf(environmentId: string) {
  const rows = await world.db
    .select()
    .from(events)
    .where(eq(events.environmentId, environmentId))
    .orderBy(events.id)
  return rows.map(one => one.type).filter(type => type.startsWith('function.'))
}

function reporter(incidentId: string, gapMs = 0) {
  const { slack } = world.config
  if (!slack) throw new Error('the sandbox gave no Slack')
  const deps = { db: world.db, slack: createSlack(slack), channel: '#deploys', url: 'https://sluice.test' }
  return byHand(createSlackAlertReporter({ ...deps, gapMs }), incidentId)
}

let seen = 0
function posted() {
  const all = world.sandbox.slack.messages('deploys')
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}

describe('a function', () => {
  test('that fails 200 times is told of once, and once that it works again', async () => {
    const { environmentId, all } = await place(['charge'])
    const [charge] = all as [Fn]
    await finish(charge, 'failed', 4)
    await watch()
    expect(await toldOf(environmentId)).toEqual([])
    for (let round = 0; round < 4; round++) {
      await finish(charge, 'failed', 49)
      await watch()
    }
    expect(await toldOf(environmentId)).toEqual(['function.failing'])
    const { ids, rows } = await incidentOf(environmentId)
    expect(rows).toMatchObject([{ failed: 200, errors: [{ name: 'TypeError', amount: 196 }] }]) // of the first four nothing but the number was kept
    const message = reporter(ids[0] ?? '')
    await message.write()
    const [first, ...others] = posted()
    expect(others).toEqual([])
    expect(first?.text).toContain('`charge` is failing')

    await finish(charge, 'succeeded', 1)
    await watch()
    expect(await toldOf(environmentId)).toEqual(['function.failing'])
    // Minutes go by.
    await world.db.execute(sql`update alert_counts set minute = minute - interval '6 minutes'`)
    await watch()
    expect(await toldOf(environmentId)).toEqual(['function.failing', 'function.recovered'])
    await message.write()
    await message.write()
    const [notice, ...more] = posted()
    expect(more).toEqual([])
    expect(notice).toMatchObject({ threadTs: first?.ts, broadcast: true })
    expect(notice?.text).toContain('works again')
    const edited = world.sandbox.slack.messages('deploys').find(one => one.ts === first?.ts)
    expect(JSON.stringify(edited?.blocks)).not.toContain('actions')
  })

  test('that succeeds in another version works again at once', async () => {
    const { environmentId, all } = await place(['charge'])
    const [charge] = all as [Fn]
    await finish(charge, 'failed', 9)
    await watch()
    const next = randomUUID()
    await world.db.execute(sql`
      insert into versions (id, function_id, number, build_id, file, bundle_digest, source_map_digest, options, fingerprint)
      select ${next}, function_id, 2, build_id, file, bundle_digest, source_map_digest, options, 'other'
      from versions where function_id = ${charge.id}`)
    await world.db.update(functions).set({ activeVersionId: next }).where(eq(functions.id, charge.id))
    await finish({ ...charge, activeVersionId: next }, 'succeeded', 1)
    await watch()
    expect(await toldOf(environmentId)).toEqual(['function.failing', 'function.recovered'])
  })

  test('that is archived while it fails is told of no more', async () => {
    const { environmentId, all } = await place(['charge'])
    await finish(all[0] as Fn, 'failed', 5)
    await watch()
    const request = { environmentId, functionName: 'charge', actor: 'max', dryRun: false }
    await archive(core(), request)
    await watch()
    const { rows } = await incidentOf(environmentId)
    expect(rows).toMatchObject([{ closedBecause: 'gone' }])
  })

  test('of a preview is nobody’s news', async () => {
    const { environmentId, all } = await place(['charge'], { kind: 'preview', pullNumber: 9 })
    await finish(all[0] as Fn, 'failed', 50)
    await watch()
    expect(await toldOf(environmentId)).toEqual([])
  })

  test('is counted once, however many watch', async () => {
    const { environmentId, all } = await place(['charge'])
    await finish(all[0] as Fn, 'failed', 30)
    await Promise.all([watch(), watch(), watch()])
    expect(await incidentOf(environmentId)).toMatchObject({ rows: [{ failed: 30 }] })
  })

  test('whose error is no JSON, or holds what PostgreSQL cannot, is told of all the same', async () => {
    const { environmentId, all } = await place(['charge'])
    const [charge] = all as [Fn]
    await finish(charge, 'failed', 5, () => 'zero \u0000 <!channel>')
    await world.db
      .update(finishedExecutions)
      .set({ error: '{"name' })
      .where(eq(finishedExecutions.functionId, charge.id))
    await watch()
    const { ids } = await incidentOf(environmentId)
    await reporter(ids[0] ?? '').write()
    expect(posted()).toHaveLength(1)
  })
})

test('ten that begin to fail together are one message', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `fn${index}`)
  const { environmentId, all } = await place(names)
  for (const one of all) await finish(one, 'failed', 20)
  await watch()
  const { ids, rows } = await incidentOf(environmentId)
  expect([ids.length, rows.length]).toEqual([1, 10])
  const message = reporter(ids[0] ?? '')
  await message.write()
  const [first, ...others] = posted()
  expect(others).toEqual([])
  expect(first?.text).toContain('10 functions are failing')

  // One after another they work again: the message says so, the channel hears of the last.
  await world.db.execute(sql`update alert_counts set minute = minute - interval '6 minutes'`)
  for (const one of all) {
    await finish(one, 'succeeded', 1)
    await watch()
    await message.write()
  }
  expect(posted().map(one => one.text)).toEqual([expect.stringContaining('All 10 functions work again')])
})

describe('the channel', () => {
  test('that Slack limits is written to when it said', async () => {
    const { environmentId, all } = await place(['charge'])
    await finish(all[0] as Fn, 'failed', 5)
    await watch()
    const { ids } = await incidentOf(environmentId)
    world.sandbox.slack.fail('chat.postMessage', { retryAfterSeconds: 7 })
    await expect(reporter(ids[0] ?? '').write()).rejects.toMatchObject({ waitMs: 7_000 })
  })

  test('gets one new message a second: who comes too early comes again', async () => {
    const incidents: string[] = []
    for (let index = 0; index < 3; index++) {
      const { environmentId, all } = await place(['charge'])
      await finish(all[0] as Fn, 'failed', 5)
      await watch()
      incidents.push(...(await incidentOf(environmentId)).ids)
    }
    const tries = await Promise.allSettled(incidents.map(id => reporter(id, 60_000).write()))
    expect(tries.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(Postponed)
    expect(posted()).toHaveLength(1)
  })
})
