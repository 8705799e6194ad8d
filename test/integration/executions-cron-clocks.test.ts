// Workers on machines whose clocks jump (RELIABILITY.md F49) or are wrong (F50): ticks follow PostgreSQL's, and it is said.
import type { ChildProcess } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { crons, functions } from '../../src/db/schema.ts'
import { spawnProgram, ticksOf } from './executions-cron-setup.ts'
import { setup, until } from './executions-setup.ts'

interface Wrong {
  skewMs: number
  /** Only from the signal on. */
  jumps: boolean
}

/** A worker's scheduler on a machine whose clock is wrong. It says on standard error that it runs, and what it logs. */
function startScheduler(url: string, { skewMs, jumps }: Wrong): ChildProcess {
  return spawnProgram(`
    import { connect } from './src/db/client.ts'
    import { createLog } from './src/log.ts'
    const RealDate = Date
    let skewMs = ${jumps ? 0 : skewMs}
    process.on('SIGUSR2', () => { skewMs = ${skewMs} })
    globalThis.Date = class extends RealDate {
      constructor(...given) { given.length > 0 ? super(...given) : super(RealDate.now() + skewMs) }
      static now() { return RealDate.now() + skewMs }
    }
    const { createSchedule } = await import('./src/executions/schedule.ts')
    const { db } = connect(${JSON.stringify(url)}, { max: 2, name: 'scheduler' })
    const core = { db, jobs: null, append: async () => {} }
    await createSchedule({ core, bell: { ring() {} }, log: createLog('info') }).start()
    console.error('it runs')
    setInterval(() => {}, 1_000)
  `)
}

/** Resolves when the process has written something that matches. */
function says(child: ChildProcess, wanted: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let said = ''
  child.stderr?.on('data', chunk => {
    said += String(chunk)
    if (wanted.test(said)) resolve()
  })
  child.once('exit', () => reject(new Error(`It ended without saying ${wanted}: ${said}`)))
  return promise
}

test('beside clocks that jump by two hours and clocks that are five minutes off, each tick is stored once', async () => {
  const here = await setup(inject('postgresUrl'))
  const one = await here.deploy('one', { cron: '* * * * *' })
  await here.db.update(functions).set({ createdAt: new Date(0) })
  const wrong = [-7_200_000, 7_200_000, -300_000, 300_000].map(skewMs => ({
    skewMs,
    jumps: Math.abs(skewMs) > 300_000,
  }))
  await Promise.all(
    wrong.map(async ({ skewMs, jumps }) => {
      const scheduler = startScheduler(here.url, { skewMs, jumps })
      const warning = says(
        scheduler,
        skewMs < 0 ? /clock is \d+ s behind the/ : /clock is \d+ s ahead of the/,
      )
      await says(scheduler, /it runs/)
      if (jumps) scheduler.kill('SIGUSR2')
      await warning
    }),
  )
  const before = (await ticksOf(here, one.id)).length
  expect(before).toBeGreaterThan(0)
  // It comes within a minute of PostgreSQL's, whatever those clocks say.
  await until(async () => (await ticksOf(here, one.id)).length > before)
  const ticks = await ticksOf(here, one.id)
  const [first = 0] = ticks
  expect(ticks).toEqual(ticks.map((_, index) => first + index * 60_000))
  const [row] = await here.db.select({ since: crons.since }).from(crons)
  expect(row?.since.getTime()).toBe(ticks.at(-1))
})
