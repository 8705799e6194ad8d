// Cron: each tick once over all machines, held with its function, caught up by one after an outage, never from before.
import { eq } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { environments, executions, functions, liveExecutions, releases } from '../../src/db/schema.ts'
import { createDueTicks } from '../../src/executions/ticks.ts'
import { type Place, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const at = (text: string) => new Date(`2030-01-01T${text}Z`)

async function ticksOf({ db }: Place, functionId: string): Promise<string[]> {
  const rows = await db
    .select({ tick: executions.scheduleFor, dueAt: executions.dueAt, by: executions.executedBy })
    .from(executions)
    .where(eq(executions.functionId, functionId))
    .orderBy(executions.sequence)
  for (const row of rows) expect(row).toMatchObject({ dueAt: row.tick, by: 'cron' })
  return rows.map(row => row.tick.toISOString().slice(11, 16))
}

describe('ticks', () => {
  test('the minute under way counts when it is seen first, each following one once', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '*/5 * * * *' })
    expect(await createDueTicks(here.core, at('12:00:01'))).toBe(1)
    for (const time of ['12:00:02', '12:01:00', '12:04:59.999', '12:05:00', '12:05:10', '12:10:00'])
      await createDueTicks(here.core, at(time))
    expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:05', '12:10'])
  })

  test('many workers at once create one', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    await Promise.all(Array.from({ length: 8 }, () => createDueTicks(here.core, at('12:00:00'))))
    expect(await ticksOf(here, one.id)).toEqual(['12:00'])
  })

  test('after an outage the newest missed one, however long ago', async () => {
    const here = await place()
    const often = await here.deploy('often', { cron: '*/10 * * * *' })
    const daily = await here.deploy('daily', { cron: '30 9 * * *' })
    await createDueTicks(here.core, at('09:00:30'))
    await createDueTicks(here.core, at('12:07:00'))
    expect(await ticksOf(here, often.id)).toEqual(['09:00', '12:00'])
    expect(await ticksOf(here, daily.id)).toEqual(['09:30'])
  })

  test('nothing from before the release that brought the expression', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '0 * * * *' })
    await release(here, at('12:00:20'))
    await createDueTicks(here.core, at('12:00:40'))
    await createDueTicks(here.core, at('13:00:00'))
    expect(await ticksOf(here, one.id)).toEqual(['13:00'])
  })

  test('a release in the first instant of a minute loses no tick of a function it does not touch', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    await createDueTicks(here.core, at('12:00:00'))
    await release(here, at('12:01:00.010'))
    await createDueTicks(here.core, at('12:01:00.050'))
    expect(await ticksOf(here, one.id)).toEqual(['12:00', '12:01'])
  })

  test('a changed expression starts anew', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '0 * * * *' })
    await createDueTicks(here.core, at('12:00:00'))
    await here.deploy('one', { cron: '10 * * * *' }, { code: 'one 2' })
    await release(here, at('12:30:00'))
    await createDueTicks(here.core, at('12:30:30'))
    await createDueTicks(here.core, at('13:10:00'))
    expect(await ticksOf(here, one.id)).toEqual(['12:00', '13:10'])
  })

  test('a paused function keeps its ticks, held', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    await here.pause(one.id)
    await createDueTicks(here.core, at('12:00:00'))
    expect(await ticksOf(here, one.id)).toEqual(['12:00'])
    await here.db.update(liveExecutions).set({ dueAt: new Date(0) })
    expect((await here.claim(5)).executions).toEqual([])
  })

  test('an archived function, an environment without crons, a closed one: none, and none caught up later', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    const archived = { archivedAt: new Date(), archivedBecause: 'by_hand' as const }
    await here.db.update(functions).set(archived)
    await createDueTicks(here.core, at('12:00:00'))
    await here.db.update(functions).set({ archivedAt: null, archivedBecause: null })
    await here.db.update(environments).set({ crons: false })
    await createDueTicks(here.core, at('12:10:00'))
    await here.db.update(environments).set({ crons: true, closedAt: new Date() })
    await createDueTicks(here.core, at('12:20:00'))
    expect(await ticksOf(here, one.id)).toEqual([])
    await here.db.update(environments).set({ closedAt: null })
    await createDueTicks(here.core, at('12:30:40'))
    expect(await ticksOf(here, one.id)).toEqual(['12:30'])
  })

  test('PostgreSQL says what time it is when nobody else does', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    await here.db.update(functions).set({ createdAt: new Date(0) })
    await createDueTicks(here.core)
    expect(await ticksOf(here, one.id)).toHaveLength(1)
  })
})

async function release({ db, environment }: Place, createdAt: Date): Promise<void> {
  const [build] = await db.query.builds.findMany({ limit: 1 })
  if (!build) throw new Error('no build')
  await db.insert(releases).values({
    environmentId: environment.id,
    buildId: build.id,
    kind: 'deploy',
    actor: 'push',
    changes: {},
    createdAt,
  })
}
