// What is claimed ahead of free slots: nothing that would use up a limit, and back in the queue as if it had never been
// claimed when it cannot begin soon.
import { eq } from 'drizzle-orm'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Db } from '../../src/db/client.ts'
import { executions, liveExecutions } from '../../src/db/schema.ts'
import { createBell } from '../../src/executions/bell.ts'
import { cancel } from '../../src/executions/cancel.ts'
import { claim } from '../../src/executions/claim.ts'
import { createClaimLoop } from '../../src/executions/claim-loop.ts'
import type { Claimed } from '../../src/executions/claim-store.ts'
import { createGroupCommit } from '../../src/executions/group-commit.ts'
import type { Exit } from '../../src/executions/outcome.ts'
import type { Runner } from '../../src/executions/ports.ts'
import { handedBack } from '../../src/executions/settle-store.ts'
import { createUnderWay } from '../../src/executions/under-way.ts'
import { createWake } from '../../src/executions/wake.ts'
import { createWarming } from '../../src/executions/warming.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { inTurn } from '../support/runner.ts'
import { log, only, setup, until } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const returned = { kind: 'returned', result: '1' } as const

describe('a claim ahead', () => {
  test('takes no more than it was told, and nothing while a limited function is due', async () => {
    const here = await place()
    const free = await here.deploy('free')
    for (let index = 0; index < 10; index++) await here.call(free, index)
    const ask = { workerId: 'w1', slots: 0, ahead: 4 }
    expect((await claim(here.core, ask)).executions).toHaveLength(4)
    await here.call(await here.deploy('limited', { concurrency: 5 }))
    expect((await claim(here.core, ask)).executions).toEqual([])
    expect(
      (await claim(here.core, { ...ask, slots: 2 })).executions.map(one => one.functionName).sort(),
    ).toEqual(['free', 'limited'])
  })
})

describe('handing back', () => {
  test('leaves no trace of the claim, and its holder can change nothing any more', async () => {
    const here = await place()
    const { id } = await here.call(await here.deploy('one'))
    const before = await here.stateOf(id)
    const claimed = only((await here.claim(1)).executions)
    expect(await handedBack(here.db, [claimed])).toEqual(new Set([claimed.token]))
    const { updatedAt: _, ...after } = await here.stateOf(id)
    expect({ ...after, updatedAt: before.updatedAt }).toEqual({ ...before, workerId: null })
    expect(await here.attemptsOf(id)).toEqual([])
    expect(await here.end(claimed, returned)).toBe('lost')
    const again = only((await here.claim(1)).executions)
    expect(await handedBack(here.db, [claimed])).toEqual(new Set())
    expect(await here.end(again, returned)).toBe('settled')
    expect((await here.attemptsOf(id)).map(one => [one.number, one.reason])).toEqual([[1, 'first']])
  })

  test('of a retry keeps what came before, and its reason', async () => {
    const here = await place()
    const retry = {
      maxAttempts: 1,
      initialInterval: 0,
      randomizationFactor: 0,
      multiplier: 1,
      maxInterval: 1,
    }
    const { id } = await here.call(await here.deploy('one', { retry }))
    const failure = { kind: 'threw', error: { name: 'Error', message: 'no' } } as const
    await here.end(only((await here.claim(1)).executions), failure)
    const failedOnce = await here.stateOf(id)
    await handedBack(here.db, (await here.claim(1)).executions)
    expect(await here.stateOf(id)).toMatchObject({
      attempt: 1,
      retries: 1,
      startedAt: failedOnce.startedAt,
      versionId: failedOnce.versionId,
    })
    await here.end(only((await here.claim(1)).executions), returned)
    expect((await here.attemptsOf(id)).map(one => one.reason)).toEqual(['first', 'retry'])
  })

  test('takes only what is held and not being aborted', async () => {
    const here = await place()
    const one = await here.deploy('one')
    for (let index = 0; index < 3; index++) await here.call(one, index)
    const [kept, aborting, done] = (await here.claim(3)).executions as [Claimed, Claimed, Claimed]
    await cancel(here.core, { environmentId: aborting.environmentId, id: aborting.id, force: true })
    await here.end(done, returned)
    expect(await handedBack(here.db, [kept, aborting, done])).toEqual(new Set([kept.token]))
    expect((await here.stateOf(aborting.id)).state).toBe('aborting')
    expect((await here.stateOf(done.id)).state).toBe('succeeded')
  })
})

/** Attempts return at once until the test has them wait. */
function createQuickRunner() {
  let waiting: Promise<unknown> | null = null
  const begun: string[] = []
  const runner: Runner = {
    run: inTurn(async ({ executionId }, signal): Promise<Exit> => {
      if (!signal.aborted) begun.push(executionId)
      if (waiting === null) return returned
      const stopped = new Promise(resolve => signal.addEventListener('abort', resolve))
      await Promise.race([waiting, stopped])
      return signal.aborted ? { kind: 'stopped' } : returned
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

/** Passes on what it is asked; the first answer to a handing back is lost, as when the connection breaks after the commit. */
function losingOne(db: Db) {
  let lost = false
  const { session } = db._
  const prepareQuery: typeof session.prepareQuery = (query, ...rest) => {
    const prepared = session.prepareQuery(query, ...rest)
    const execute = prepared.execute.bind(prepared)
    return Object.assign(prepared, {
      async execute() {
        const answer = await execute()
        if (lost || !query.sql.includes('attempt = attempt - 1')) return answer
        lost = true
        throw Object.assign(new Error('the connection broke'), { code: 'CONNECTION_CLOSED' })
      },
    })
  }
  const losing = new Proxy(session, {
    get: (target, name) => (name === 'prepareQuery' ? prepareQuery : Reflect.get(target, name)),
  })
  const own = new Proxy(db, {
    get: (target, name) => (name === '_' ? { ...target._, session: losing } : Reflect.get(target, name)),
  })
  return { db: own, lost: () => lost }
}

async function withWorker() {
  const here = await place()
  const quick = createQuickRunner()
  const config = { concurrency: 2, historySeconds: 86_400 }
  const services = createExecutionWorker({
    core: here.core,
    url: here.url,
    runner: quick.runner,
    config,
    log,
  })
  await startAll(services)
  let stopped: Promise<void> | null = null
  const stop = () => (stopped ??= stopAll(services, new Date(Date.now() + 3_000)))
  onTestFinished(stop)
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
  return { ...here, ...quick, stop, callMany, count }
}

describe('a worker that claims ahead', () => {
  test('gives back what cannot begin soon, and runs each once all the same', async () => {
    const here = await withWorker()
    await here.callMany(300)
    await until(async () => (await here.count('succeeded')) === 300)
    const release = here.hold()
    await here.callMany(50)
    await until(async () => (await here.count('running')) === 2 && (await here.count('queued')) === 48)
    release()
    await until(async () => (await here.count('succeeded')) === 350)
    const tried = await here.db.selectDistinct({ attempt: executions.attempt }).from(executions)
    expect(tried).toEqual([{ attempt: 1 }])
  })

  test('runs none of it twice when the answer to its handing back is lost', async () => {
    const here = await place()
    const quick = createQuickRunner()
    const { db, lost } = losingOne(here.db)
    const core = { ...here.core, db }
    // Without heartbeats, which would notice the same in time or not.
    const loop = createClaimLoop({
      ...{ core, payloads: core.payloads, warming: createWarming(quick.runner, 'w1'), log },
      ...{ runner: quick.runner, settle: createGroupCommit(core) },
      ...{ underWay: createUnderWay(), bell: createBell(), workerId: 'w1', concurrency: 2 },
    })
    const one = await here.deploy('one')
    const callMany = (amount: number) =>
      here.db.insert(liveExecutions).values(
        Array.from({ length: amount }, (_, index) => ({
          environmentId: one.environmentId,
          functionId: one.id,
          arguments: `[${index}]`,
        })),
      )
    await callMany(40)
    await loop.start()
    onTestFinished(() => loop.stop(new Date(Date.now() + 3_000)))
    const count = (state: 'queued' | 'running' | 'succeeded') =>
      here.db.$count(executions, eq(executions.state, state))
    await until(async () => (await count('succeeded')) === 40)
    const release = quick.hold()
    await callMany(20)
    await until(async () => lost() && (await count('running')) === 2)
    release()
    await until(async () => (await count('succeeded')) === 60)
    await loop.stop(new Date(Date.now() + 3_000))
    expect(quick.begun).toHaveLength(60)
  })

  test('has none of it left when it stops', async () => {
    const here = await withWorker()
    await here.callMany(300)
    await until(async () => (await here.count('succeeded')) > 0)
    await here.stop()
    expect(await here.count('running')).toBe(0)
    expect((await here.count('succeeded')) + (await here.count('queued'))).toBe(300)
  })
})
