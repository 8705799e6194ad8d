// A switch is strict: once it is committed, nothing begins as it was before. Neither what was claimed ahead, nor what was
// claimed by somebody who looked before the commit, nor that whose process is ready only afterwards.
import { eq, sql } from 'drizzle-orm'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { environments, executions, liveExecutions, overlays } from '../../src/db/schema.ts'
import { leaseSeconds } from '../../src/executions/claim.ts'
import { confirmed } from '../../src/executions/claim-store.ts'
import type { Runner } from '../../src/executions/ports.ts'
import { createWake } from '../../src/executions/wake.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { closeEnvironment } from '../../src/functions/close.ts'
import { pause } from '../../src/functions/pause.ts'
import { resume } from '../../src/functions/resume.ts'
import { rollback } from '../../src/functions/rollback.ts'
import { mayBeginForMs } from '../../src/functions/start-window.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { inTurn } from '../support/runner.ts'
import { log, only, type Place, setup, until } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const by = { actor: 'ada', reason: null, dryRun: false }

const pauseAll = (here: Place) =>
  pause(here.core, { environmentId: here.environment.id, functionName: null, ...by, until: null })

const close = async (here: Place) => {
  const closing = { environmentId: here.environment.id, actor: 'ada', reason: 'the pull request was closed' }
  expect(await closeEnvironment(here.core, closing)).toBe('closed')
}

/** The two switches of a whole environment, and how each is taken back. */
const whole = {
  pause: {
    async switchOff(here: Place) {
      expect((await pauseAll(here)).kind).toBe('done')
    },
    switchOn: (here: Place) =>
      resume(here.core, { environmentId: here.environment.id, functionName: null, ...by }),
  },
  close: {
    switchOff: close,
    switchOn: (here: Place) => here.db.update(environments).set({ closedAt: null }),
  },
}

async function claimedJustNow(here: Place): Promise<number> {
  const young = sql`attempt_started_at > clock_timestamp() - make_interval(secs => ${mayBeginForMs / 1_000})`
  return here.db.$count(liveExecutions, young)
}

describe('what was claimed by a worker of which nothing is heard', () => {
  test.each([
    ['a pause', whole.pause.switchOff],
    ['the closing of its environment', close],
    [
      'a rollback',
      async (here: Place) => {
        const target = { environmentId: here.environment.id, functionName: 'one', to: null }
        expect((await rollback(here.core, { ...target, ...by })).kind).toBe('done')
      },
    ],
  ])('can begin no more when %s is over', async (_, change) => {
    const here = await place()
    await here.deploy('one')
    await here.call(await here.deploy('one', {}, { code: 'one 2' }))
    only((await here.claim(1)).executions)
    await change(here)
    expect(await claimedJustNow(here)).toBe(0)
  })
})

describe('a claim that is confirmed', () => {
  test('holds while nothing was switched', async () => {
    const here = await place()
    await here.call(await here.deploy('one'))
    const claimed = only((await here.claim(1)).executions)
    await here.update(claimed.id, { leaseUntil: new Date() })
    expect(await confirmed(here.db, claimed, leaseSeconds)).toBe(true)
    const [row] = await here.db.select().from(liveExecutions)
    const { leaseUntil, attemptStartedAt } = row ?? {}
    expect(Math.round(Number(leaseUntil) / 1_000 - Number(attemptStartedAt) / 1_000)).toBe(leaseSeconds)
  })

  test('does not hold for a version that is not the active one any more', async () => {
    const here = await place()
    await here.call(await here.deploy('one'))
    const claimed = only((await here.claim(1)).executions)
    await here.deploy('one', {}, { code: 'one 2' })
    expect(await confirmed(here.db, claimed, leaseSeconds)).toBe(false)
  })

  test('does not hold when it looked before a pause was committed', async () => {
    const here = await place()
    const one = await here.deploy('one')
    await here.call(one)
    const claimed = only((await here.claim(1)).executions)
    const asked = await here.db.transaction(async tx => {
      await tx.execute(sql`update functions set switches = switches + 1 where id = ${one.id}`)
      const { environmentId } = one
      await tx.insert(overlays).values({ environmentId, functionId: one.id, kind: 'pause', actor: 'ada' })
      const answer = confirmed(here.db, claimed, leaseSeconds)
      await until(async () => {
        const waiting = await here.db.execute(sql`
          select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        return waiting.length > 0
      })
      return { answer }
    })
    expect(await asked.answer).toBe(false)
  })
})

/** Attempts return at once until the test has them wait; each asks whether it may begin, and is noted when it does. */
function createNotingRunner() {
  let waiting: Promise<unknown> | null = null
  const begun: string[] = []
  const runner: Runner = {
    run: inTurn(async attempt => {
      begun.push(attempt.executionId)
      await waiting
      return { kind: 'returned', result: '1' }
    }),
    warn() {},
    warm: async () => false,
    stop: async () => {},
  }
  return {
    runner,
    begun,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting = promise
      return () => {
        waiting = null
        resolve()
      }
    },
  }
}

async function withWorkers(amount: number, hears: boolean) {
  const here = await place()
  const noting = createNotingRunner()
  for (let index = 0; index < amount; index++) {
    const config = { concurrency: 2, historySeconds: 86_400 }
    const needs = { core: here.core, url: here.url, runner: noting.runner, config, log }
    const services = createExecutionWorker(needs).filter(one => hears || one.name !== 'execution listener')
    await startAll(services)
    onTestFinished(() => stopAll(services, new Date(Date.now() + 3_000)))
  }
  const one = await here.deploy('one')
  const callMany = async (amount: number) => {
    await here.db.insert(liveExecutions).values(
      Array.from({ length: amount }, (_, index) => ({
        environmentId: one.environmentId,
        functionId: one.id,
        arguments: `[${index}]`,
      })),
    )
    createWake(here.db, log)()
  }
  const count = (state: 'queued' | 'running' | 'succeeded') =>
    here.db.$count(executions, eq(executions.state, state))
  return { ...here, ...noting, callMany, count }
}

describe('while workers claim ahead', () => {
  test.each([
    ['pause', 'two workers that hear of it', 2, true],
    ['pause', 'a worker that hears of nothing', 1, false],
    ['close', 'two workers that hear of it', 2, true],
    ['close', 'a worker that hears of nothing', 1, false],
  ] as const)('nothing begins after a %s: %s', async (name, _, amount, hears) => {
    const { switchOff, switchOn } = whole[name]
    const here = await withWorkers(amount, hears)
    await here.callMany(300)
    await until(async () => (await here.count('succeeded')) === 300)
    const release = here.hold()
    await here.callMany(100)
    await until(async () => here.begun.length > 300)
    await switchOff(here)
    const begun = here.begun.length
    release()
    await until(async () => (await here.count('running')) === 0)
    expect(here.begun.length).toBe(begun)
    expect(await here.count('queued')).toBe(400 - begun)
    await switchOn(here)
    await until(async () => (await here.count('succeeded')) === 400)
    expect(new Set(here.begun).size).toBe(here.begun.length)
    expect(await here.db.selectDistinct({ attempt: executions.attempt }).from(executions)).toEqual([
      { attempt: 1 },
    ])
  })
})
