// Each tick once and none lost: schedulers in a race, or killed at every instruction that matters (RELIABILITY.md F10, R12); and
// when the execution of a tick is long gone.
import { once } from 'node:events'
import { count, sql } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { executions, liveExecutions } from '../../src/db/schema.ts'
import { createUpcoming } from '../../src/executions/cron-upcoming.ts'
import { createDueTicks } from '../../src/executions/ticks.ts'
import { spawnProgram, ticksOf } from './executions-cron-setup.ts'
import { setup, until } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 12, minute))

describe('schedulers in a race', () => {
  test('five of them over thirty minutes, each with a memory of its own: each tick once', async () => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    const schedulers = Array.from({ length: 5 }, () => createUpcoming())
    const minutes = Array.from({ length: 30 }, (_, minute) => minute)
    for (const minute of minutes)
      await Promise.all(schedulers.map(upcoming => createDueTicks(here.core, at(minute), upcoming)))
    expect(await ticksOf(here, one.id)).toEqual(minutes.map(minute => at(minute).getTime()))
  })

  test('five hundred schedules of the same minute fire, all of them and each once', async () => {
    const here = await place()
    await here.deploy('original', { cron: '*/5 * * * *' })
    await here.db.execute(sql`
      insert into functions (environment_id, name, state, active_version_id)
      select environment_id, 'copy-' || number, state, active_version_id
      from functions, generate_series(1, 499) number
    `)
    const created = await Promise.all([0, 1, 2].map(() => createDueTicks(here.core, at(0))))
    expect(created.reduce((sum, amount) => sum + amount)).toBe(500)
    const perFunction = await here.db
      .select({ amount: count() })
      .from(executions)
      .groupBy(executions.functionId)
    expect(perFunction.map(row => row.amount)).toEqual(Array.from({ length: 500 }, () => 1))
  })
})

test('a tick whose execution has been moved away is not stored again', async () => {
  const here = await place()
  const one = await here.deploy('one', { cron: '* * * * *' })
  await createDueTicks(here.core, at(0))
  await here.db.delete(liveExecutions)
  expect(await createDueTicks(here.core, at(0))).toBe(0)
  expect(await ticksOf(here, one.id)).toEqual([])
})

test('when the database says an earlier time than before, nothing is stored twice', async () => {
  const here = await place()
  const one = await here.deploy('one', { cron: '* * * * *' })
  for (const minute of [58, 59, 1, 2, 59, 60]) await createDueTicks(here.core, at(minute))
  expect(await ticksOf(here, one.id)).toEqual([58, 59, 60].map(minute => at(minute).getTime()))
})

describe('a scheduler that is killed', () => {
  const places = [
    ['cron.inserted', 0],
    ['cron.before_commit', 0],
    ['cron.after_commit', 1],
  ] as const

  test.each(places)('at %s leaves %i of the tick, and the next look has it once', async (name, left) => {
    const here = await place()
    const one = await here.deploy('one', { cron: '* * * * *' })
    const killed = spawnProgram(
      `import { connect } from './src/db/client.ts'
      import { createDueTicks } from './src/executions/ticks.ts'
      const { db } = connect(${JSON.stringify(here.url)}, { max: 1, name: 'scheduler to be killed' })
      await createDueTicks({ db, jobs: null, append: async () => {} }, new Date(${at(0).getTime()}))`,
      { CRASH_AT: name },
    )
    const [, signal] = await once(killed, 'exit')
    expect(signal).toBe('SIGKILL')
    expect(await ticksOf(here, one.id)).toHaveLength(left)
    // PostgreSQL lets go of the row when it sees that the connection is gone.
    await until(async () => {
      await createDueTicks(here.core, at(0))
      return (await ticksOf(here, one.id)).length > 0
    })
    await createDueTicks(here.core, at(0))
    expect(await ticksOf(here, one.id)).toEqual([at(0).getTime()])
  })
})
