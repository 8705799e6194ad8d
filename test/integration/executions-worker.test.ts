// The worker: claims while it has slots, stops what it must, and leaves nothing behind when it goes.
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { liveExecutions } from '../../src/db/schema.ts'
import { cancel } from '../../src/executions/cancel.ts'
import { fenceExpired } from '../../src/executions/heartbeat.ts'
import { createUnderWay } from '../../src/executions/under-way.ts'
import { createWake } from '../../src/executions/wake.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { createHandRunner } from '../support/hand-runner.ts'
import { log, only, setup, until } from './executions-setup.ts'

const now = () => new Date()
const inMs = (ms: number) => new Date(Date.now() + ms)

async function withWorker(concurrency = 2) {
  const place = await setup(inject('postgresUrl'))
  const hand = createHandRunner()
  const services = createExecutionWorker({
    core: place.core,
    url: place.url,
    runner: hand.runner,
    config: { concurrency, historySeconds: 86_400 },
    log,
  })
  await startAll(services)
  let stopped = false
  const stop = async (deadline: Date) => {
    if (!stopped) await stopAll(services, deadline)
    stopped = true
  }
  onTestFinished(() => stop(now()))
  const wake = createWake(place.db, log)
  return { ...place, ...hand, stop, wake }
}

const settled = (place: { stateOf(id: string): Promise<{ state: string }> }, id: string, state: string) =>
  until(async () => (await place.stateOf(id)).state === state)

describe('a worker', () => {
  test('runs what is called, and never more at once than it has slots', async () => {
    const here = await withWorker(2)
    const one = await here.deploy('one')
    const ids: string[] = []
    for (let index = 0; index < 6; index++) ids.push((await here.call(one, index)).id)
    here.wake()
    for (const _ of ids) {
      const [id = ''] = await until(async () => here.running().length > 0 && here.running())
      here.end(id)
      await settled(here, id, 'succeeded')
    }
    expect(here.most()).toBe(2)
  })

  test('finds work without being told', async () => {
    const here = await withWorker()
    const { id } = await here.call(await here.deploy('one'))
    await until(async () => here.running().includes(id))
  })

  test('ends what is aborted by force', async () => {
    const here = await withWorker()
    const { id } = await here.call(await here.deploy('one'))
    await until(async () => here.running().includes(id))
    await cancel(here.core, { environmentId: here.environment.id, id, force: true })
    await settled(here, id, 'aborted')
  })

  test('on its way out claims nothing, waits, then gives back what is not done, without a retry', async () => {
    const here = await withWorker()
    const one = await here.deploy('one')
    const quick = await here.call(one)
    const slow = await here.call(one)
    await until(async () => here.running().length === 2)
    const stopping = here.stop(inMs(3_000))
    const late = await here.call(one)
    here.end(quick.id)
    await settled(here, quick.id, 'succeeded')
    expect((await here.stateOf(slow.id)).state).toBe('running')
    await stopping
    expect(await here.stateOf(slow.id)).toMatchObject({ state: 'queued', retries: 0, crashes: 0 })
    expect((await here.stateOf(late.id)).state).toBe('queued')
    expect(only(await here.attemptsOf(slow.id)).state).toBe('interrupted')
  })

  test('takes over what a dead worker held, once its lease is over', async () => {
    const here = await withWorker()
    const one = await here.deploy('one')
    await here.stop(now())
    const { id } = await here.call(one)
    await here.claim(1, 'dead worker')
    await here.db.update(liveExecutions).set({ leaseUntil: new Date(0) })
    const hand = createHandRunner()
    const services = createExecutionWorker({
      core: here.core,
      url: here.url,
      runner: hand.runner,
      config: { concurrency: 1, historySeconds: 86_400 },
      log,
    })
    await startAll(services)
    onTestFinished(() => stopAll(services, now()))
    await until(async () => hand.running().includes(id))
    hand.end(id)
    await settled(here, id, 'succeeded')
    expect((await here.attemptsOf(id)).map(one => one.reason)).toEqual(['first', 'lease_expired'])
  })
})

describe('the fence', () => {
  test('ends an attempt five seconds before a lease that was not renewed is over, by the monotonic clock', async () => {
    const here = await setup(inject('postgresUrl'))
    await here.call(await here.deploy('one'))
    const claimed = only((await here.claim(1)).executions)
    const underWay = createUnderWay()
    const one = underWay.begin(claimed, 1_000)
    fenceExpired(underWay, 25_999, log)
    expect(one.stopped()).toBeNull()
    fenceExpired(underWay, 26_000, log)
    expect(one.stopped()).toBe('lease_lost')
    expect(one.signal.aborted).toBe(true)
    one.stop('aborted')
    expect(one.stopped()).toBe('lease_lost')
  })
})
