// What was missed and what overlaps, by policy, with what is recorded of it; time zones; what rests and comes back.
import { desc, eq, sql } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { crons, events, executions, functions, liveExecutions } from '../../src/db/schema.ts'
import { createDueTicks } from '../../src/executions/ticks.ts'
import type { CronSettings } from '../../src/functions/cron-settings.ts'
import { only, type Place, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const at = (time: string) => new Date(`2030-01-01T${time}Z`)
const cron = (said: Partial<CronSettings>): { cron: CronSettings } => ({
  cron: { schedule: '* * * * *', timezone: 'UTC', missed: 'one', overlap: 'allow', ...said },
})

const ticksOf = async ({ db }: Place, functionId: string) => {
  const rows = await db
    .select({ at: executions.scheduleFor })
    .from(executions)
    .where(eq(executions.functionId, functionId))
    .orderBy(executions.sequence)
  return rows.map(row => row.at.toISOString().slice(11, 16))
}

const eventsOf = ({ db }: Place, functionId: string) =>
  db
    .select({ type: events.type, data: events.data })
    .from(events)
    .where(eq(events.functionId, functionId))
    .orderBy(events.id)

async function look(here: Place, ...times: string[]): Promise<void> {
  for (const time of times) await createDueTicks(here.core, at(time))
}

/** Ends the newest execution, as a worker would. */
async function runNewest(here: Place, functionId: string): Promise<void> {
  await here.db
    .update(liveExecutions)
    .set({ dueAt: new Date(0) })
    .where(eq(liveExecutions.functionId, functionId))
  for (const claimed of (await here.claim(20)).executions)
    await here.end(claimed, { kind: 'returned', result: null })
}

describe('after three hours without a scheduler', () => {
  test('"skip" runs none, "one" the newest, "all" each; what was left out is recorded', async () => {
    const here = await place()
    const of = (missed: CronSettings['missed']) =>
      here.deploy(missed, cron({ schedule: '30 * * * *', missed }))
    const [skip, one, all] = [await of('skip'), await of('one'), await of('all')]
    await look(here, '08:45:00', '11:45:00')
    expect(await ticksOf(here, skip.id)).toEqual([])
    expect(await ticksOf(here, one.id)).toEqual(['11:30'])
    expect(await ticksOf(here, all.id)).toEqual(['09:30', '10:30', '11:30'])
    const until = at('11:30:00').toISOString()
    expect(await eventsOf(here, skip.id)).toEqual([{ type: 'cron.missed', data: { until, policy: 'skip' } }])
    expect(await eventsOf(here, one.id)).toEqual([{ type: 'cron.missed', data: { until, policy: 'one' } }])
    expect(await eventsOf(here, all.id)).toEqual([])
    await look(here, '11:46:00', '12:30:00')
    expect(await ticksOf(here, skip.id)).toEqual(['12:30'])
  })

  test('"all" is ten at most, never thousands', async () => {
    const here = await place()
    const often = await here.deploy('often', cron({ missed: 'all' }))
    await look(here, '09:00:00', '12:00:00')
    const ticks = await ticksOf(here, often.id)
    expect([ticks.length, ticks.at(0), ticks.at(1), ticks.at(-1)]).toEqual([11, '09:00', '11:51', '12:00'])
    expect(await eventsOf(here, often.id)).toHaveLength(1)
  })
})

describe('while an earlier one is under way', () => {
  test('"skip" leaves the tick out and says so, until that one is finished', async () => {
    const here = await place()
    const one = await here.deploy('one', cron({ overlap: 'skip' }))
    await look(here, '12:00:00', '12:01:00')
    await here.db.update(liveExecutions).set({ dueAt: new Date(0) })
    const running = only((await here.claim(5)).executions)
    await look(here, '12:02:00')
    expect(await ticksOf(here, one.id)).toEqual(['12:00'])
    const recorded = ['12:01:00', '12:02:00'].map(time => ({
      type: 'cron.skipped_overlap',
      data: { ticks: [at(time).toISOString()] },
    }))
    expect(await eventsOf(here, one.id)).toEqual(recorded)
    await here.end(running, { kind: 'returned', result: null })
    await look(here, '12:02:30', '12:03:00')
    expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:03'])
  })

  test('"skip" counts what its schedule started, not what others called', async () => {
    const here = await place()
    const one = await here.deploy('one', cron({ overlap: 'skip' }))
    await here.call(one)
    await look(here, '12:00:00')
    expect(await eventsOf(here, one.id)).toEqual([])
  })

  test('what Defer wrote stores each, also while it is paused, and resuming runs them all', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    const [pause] = await here.pause(one.id)
    await look(here, '12:00:00', '12:01:00', '12:02:00')
    expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:01', '12:02'])
    await here.db.execute(
      sql`update overlays set lifted_at = now(), lifted_by = 'ada' where id = ${pause?.id}`,
    )
    await runNewest(here, one.id)
    const states = await here.db.select({ state: executions.state }).from(executions)
    expect(states.map(row => row.state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  })

  test('"queue" stores each, and one runs after another in their order', async () => {
    const here = await place()
    const one = await here.deploy('one', { ...cron({ overlap: 'queue' }), concurrency: 1 })
    await look(here, '12:00:00', '12:01:00')
    await here.db.execute(sql`update live_executions set due_at = due_at - interval '10 years'`)
    const first = only((await here.claim(5)).executions)
    expect((await here.claim(5)).executions).toEqual([])
    await here.end(first, { kind: 'returned', result: null })
    const second = only((await here.claim(5)).executions)
    const rows = await here.db.select().from(executions).orderBy(executions.sequence)
    expect(rows.map(row => row.id)).toEqual([first.id, second.id])
    expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:01'])
  })
})

describe('a schedule with a zone', () => {
  test('fires by the clocks there, and another zone counts from when it came', async () => {
    const here = await place()
    const schedule = '0 9 * * *'
    const one = await here.deploy('one', cron({ schedule, timezone: 'Asia/Kathmandu' }))
    await look(here, '03:14:00', '03:15:00')
    expect(await ticksOf(here, one.id)).toEqual(['03:15'])
    await here.deploy('one', cron({ schedule, timezone: 'Asia/Kolkata' }), { code: 'one 2' })
    await look(here, '03:30:00', '03:31:00')
    expect(await ticksOf(here, one.id)).toEqual(['03:15', '03:30'])
  })

  test('that this program cannot read is left alone, and the others go on', async () => {
    const here = await place()
    const bad = await here.deploy('bad', cron({ timezone: 'Mars/Olympus' }))
    const good = await here.deploy('good', cron({}))
    await look(here, '12:00:00')
    expect(await ticksOf(here, bad.id)).toEqual([])
    expect(await ticksOf(here, good.id)).toEqual(['12:00'])
  })
})

test('archived and restored within the minute of a tick, it is not stored again', async () => {
  const here = await place()
  const one = await here.deploy('one', { cron: '* * * * *' })
  await look(here, '12:00:01')
  const archived = { archivedAt: new Date(), archivedBecause: 'by_hand' as const }
  await here.db.update(functions).set(archived)
  await look(here, '12:00:05')
  expect(only(await here.db.select().from(crons)).resting).toBe(true)
  await here.db.update(functions).set({ archivedAt: null, archivedBecause: null })
  await look(here, '12:00:10', '12:01:00')
  expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:01'])
})

test('a release that touches neither schedule nor zone counts on', async () => {
  const here = await place()
  const one = await here.deploy('one', cron({ schedule: '*/10 * * * *' }))
  await look(here, '12:00:00')
  await here.deploy('one', cron({ schedule: '*/10 * * * *', missed: 'all' }), { code: 'one 2' })
  await look(here, '12:20:00')
  expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:10', '12:20'])
  const [newest] = await here.db.select().from(executions).orderBy(desc(executions.sequence)).limit(1)
  expect(only(await here.db.select().from(crons))).toMatchObject({
    executionId: newest?.id,
    since: at('12:20:00'),
  })
})
