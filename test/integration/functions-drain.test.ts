// A drain: nothing begins, what is under way is told and has its grace, and it is safe to stop only when nothing is under way
// on any worker. Executions are accepted and held all the while, and run once it is over.
import { eq } from 'drizzle-orm'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { environments, events, executions } from '../../src/db/schema.ts'
import type { Exit } from '../../src/executions/outcome.ts'
import type { Runner } from '../../src/executions/ports.ts'
import { rescue } from '../../src/executions/rescue.ts'
import { createWake } from '../../src/executions/wake.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { drain, finishDrains } from '../../src/functions/drain.ts'
import { resume } from '../../src/functions/resume.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { inTurn } from '../support/runner.ts'
import { log, only, setup, until } from './executions-setup.ts'

async function place() {
  const here = await setup(inject('postgresUrl'))
  const { core, db, environment } = here
  const by = { environmentId: environment.id, actor: 'ada', dryRun: false }
  return {
    ...here,
    drain: (graceSeconds: number | null = null, dryRun = false) =>
      drain(core, { ...by, dryRun, graceSeconds }),
    resume: () => resume(core, { ...by, functionName: null }),
    mode: async () => only(await db.select({ mode: environments.mode }).from(environments)).mode,
    said: async () => (await db.select({ type: events.type }).from(events)).map(one => one.type),
  }
}

/** Attempts go on until the test ends them, their worker stops them, or they give up because they were told. */
function createTellingRunner(givesUp: boolean) {
  const begun: string[] = []
  let end = Promise.withResolvers<Exit>()
  const createRunner = (told = Promise.withResolvers<Exit>()): Runner => ({
    run: inTurn(async ({ executionId }, signal) => {
      begun.push(executionId)
      const stopped = new Promise<Exit>(resolve =>
        signal.addEventListener('abort', () => resolve({ kind: 'stopped' })),
      )
      return Promise.race([end.promise, stopped, ...(givesUp ? [told.promise] : [])])
    }),
    warn: () => told.resolve({ kind: 'stopped' }),
    warm: async () => false,
    stop: async () => {},
  })
  return {
    createRunner,
    begun,
    endAll() {
      end.resolve({ kind: 'returned', result: '1' })
      end = Promise.withResolvers()
    },
    finishFromNowOn: () => end.resolve({ kind: 'returned', result: '1' }),
  }
}

async function withWorkers(givesUp: boolean) {
  const here = await place()
  const telling = createTellingRunner(givesUp)
  const config = { concurrency: 2, historySeconds: 86_400 }
  for (const _ of [1, 2]) {
    const services = createExecutionWorker({
      core: here.core,
      url: here.url,
      runner: telling.createRunner(),
      config,
      log,
    })
    await startAll(services)
    onTestFinished(() => stopAll(services, new Date(Date.now() + 3_000)))
  }
  const wake = createWake(here.db, log)
  const begin = async (amount: number, ...deployed: Parameters<typeof here.deploy>) => {
    const one = await here.deploy(...deployed)
    for (let index = 0; index < amount; index++) await here.call(one, index)
    wake()
    await until(async () => telling.begun.length >= amount)
    return one
  }
  const count = (state: 'queued' | 'running' | 'succeeded') =>
    here.db.$count(executions, eq(executions.state, state))
  return { ...here, ...telling, wake, begin, count }
}

describe('an environment of which nothing is under way', () => {
  test('is safe to stop at once, holds what comes, and goes on when it is resumed', async () => {
    const here = await place()
    const one = await here.deploy('one')
    expect(await here.drain(null, true)).toMatchObject({ code: 'dry_run' })
    expect(await here.mode()).toBe('normal')
    expect(await here.drain()).toMatchObject({ kind: 'done', code: 'safe_to_stop' })
    expect(await here.mode()).toBe('safe_to_stop')
    await here.call(one)
    expect((await here.claim(1)).executions).toEqual([])
    expect(await here.drain()).toMatchObject({ kind: 'noop', code: 'already_safe' })
    expect(await here.resume()).toMatchObject({ kind: 'done', code: 'resumed' })
    expect((await here.claim(1)).executions).toHaveLength(1)
    expect(await here.said()).toEqual([
      'environment.draining',
      'environment.safe_to_stop',
      'environment.resumed',
    ])
  })
})

describe('what is under way', () => {
  test('is told, may give up without spending a retry, and runs again afterwards', async () => {
    const here = await withWorkers(true)
    await here.begin(3, 'one')
    expect(await here.drain(3_600)).toMatchObject({ kind: 'done', code: 'draining' })
    await until(async () => (await here.mode()) === 'safe_to_stop')
    expect([await here.count('running'), await here.count('queued')]).toEqual([0, 3])
    here.finishFromNowOn()
    await here.resume()
    here.wake()
    await until(async () => (await here.count('succeeded')) === 3)
    const [row] = await here.db.select().from(executions).limit(1)
    expect(row).toMatchObject({ attempt: 2, retries: 0 })
    expect(row?.attempts.map(one => [one.state, one.reason])).toEqual([
      ['interrupted', 'first'],
      ['succeeded', 'interrupted'],
    ])
    expect(row?.attempts[0]?.error).toContain('drained')
  })

  test('counts where it finishes within its grace', async () => {
    const here = await withWorkers(false)
    await here.begin(2, 'one')
    await here.drain(3_600)
    await finishDrains(here.core)
    expect(await here.mode()).toBe('preparing_for_stop')
    here.endAll()
    await until(async () => (await here.mode()) === 'safe_to_stop')
    expect(await here.count('succeeded')).toBe(2)
  })

  test('is given back when its grace is over; a function with a grace of its own has that', async () => {
    const here = await withWorkers(false)
    await here.begin(1, 'patient', { grace: 3_600 })
    await here.begin(2, 'one')
    await here.drain(0)
    await until(async () => (await here.count('queued')) >= 1)
    expect(await here.count('running')).toBeGreaterThanOrEqual(1)
    expect(await here.mode()).toBe('preparing_for_stop')
    here.endAll()
    await until(async () => (await here.mode()) === 'safe_to_stop')
    expect(await here.count('succeeded')).toBe(1)
  })

  test('counts as under way when its worker has vanished, until it is taken back', async () => {
    const here = await place()
    const { id } = await here.call(await here.deploy('one'))
    only((await here.claim(1)).executions)
    await here.drain()
    await finishDrains(here.core)
    expect(await here.mode()).toBe('preparing_for_stop')
    await here.update(id, { leaseUntil: new Date(0) })
    await rescue(here.core)
    await finishDrains(here.core)
    expect(await here.mode()).toBe('safe_to_stop')
  })
})
