// Priorities: a call that is due at once takes an earlier place in its function's queue, and nothing else about it changes.
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createToken } from '../../src/api/tokens.ts'
import { enqueueBulk } from '../../src/executions/enqueue-bulk.ts'
import { rerun } from '../../src/executions/rerun.ts'
import { createWeb } from '../../src/web.ts'
import { log, only, setup } from './executions-setup.ts'

async function place() {
  const here = await setup(inject('postgresUrl'))
  const web = await createWeb(
    [publicApi({ core: here.core, masterKey: 'of these tests', log })],
    async () => {},
    log,
  )
  const url = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  const authorization = `Bearer ${await createToken(here.db, here.environment.id)}`
  async function put(path: string, body: object) {
    const headers = { authorization, 'content-type': 'application/json' }
    const response = await fetch(`${url}/public/v2/executions${path}`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(body),
    })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const enqueue = async (name: string, argument: string, more: object = {}): Promise<string> =>
    (await put('', { function_name: name, function_arguments: [argument], ...more })).body.data.id
  const claimOrder = async (slots: number) =>
    (await here.claim(slots)).executions.map(one => JSON.parse(one.arguments)[0])
  const earlierBySeconds = async (id: string) => {
    const { scheduleFor, dueAt } = await here.stateOf(id)
    return (scheduleFor.getTime() - dueAt.getTime()) / 1_000
  }
  return { ...here, put, enqueue, claimOrder, earlierBySeconds }
}

const fail = { kind: 'threw', error: { name: 'Error', message: 'no', stack: 'Error: no' } } as const

describe('of the queued calls of a function', () => {
  test('the higher priority starts first, and of equals the first that came', async () => {
    const { deploy, enqueue, claimOrder } = await place()
    await deploy('one')
    await enqueue('one', 'plain 1')
    await enqueue('one', 'some 1', { priority: 60 })
    await enqueue('one', 'most 1', { priority: 600 })
    await enqueue('one', 'plain 2', { priority: 0 })
    await enqueue('one', 'most 2', { priority: 600 })
    await enqueue('one', 'some 2', { priority: 60 })
    expect(await claimOrder(4)).toEqual(['most 1', 'most 2', 'some 1', 'some 2'])
    expect(await claimOrder(4)).toEqual(['plain 1', 'plain 2'])
  })

  test('each of a list has its own, also with one at a time', async () => {
    const { deploy, put, claim, end } = await place()
    await deploy('one', { concurrency: 1 })
    const executions = [0, 5, 600, 5].map((priority, index) => ({
      function_name: 'one',
      function_arguments: [index],
      priority,
    }))
    expect((await put('/bulk', { executions })).status).toBe(201)
    const order: unknown[] = []
    for (let left = executions.length; left > 0; left--) {
      const claimed = only((await claim(4)).executions)
      order.push(JSON.parse(claimed.arguments)[0])
      await end(claimed, { kind: 'returned', result: null })
    }
    expect(order).toEqual([2, 1, 3, 0])
  })

  test('one that has waited longer than that is not overtaken', async () => {
    const { deploy, enqueue, claimOrder } = await place()
    await deploy('one')
    const schedule_for = new Date(Date.now() - 700_000).toISOString()
    await enqueue('one', 'long ago', { schedule_for })
    await enqueue('one', 'urgent', { priority: 600 })
    expect(await claimOrder(2)).toEqual(['long ago', 'urgent'])
  })
})

describe('it says nothing about', () => {
  test('a call for later, which is not due a moment sooner', async () => {
    const { deploy, enqueue, claimOrder, earlierBySeconds } = await place()
    await deploy('one')
    const schedule_for = new Date(Date.now() + 300_000).toISOString()
    const id = await enqueue('one', 'later', { schedule_for, priority: 600 })
    expect(await earlierBySeconds(id)).toBe(0)
    expect(await claimOrder(1)).toEqual([])
  })

  test('the times that are shown, and when it is to be discarded', async () => {
    const { deploy, put, environment, core, stateOf, enqueue, earlierBySeconds } = await place()
    await deploy('one')
    const before = Date.now() - 5_000
    const { data } = (await put('', { function_name: 'one', priority: 600 })).body
    expect(new Date(data.scheduled_at).getTime()).toBeGreaterThan(before)
    expect(new Date(data.created_at).getTime()).toBeGreaterThan(before)
    expect(await earlierBySeconds(data.id)).toBe(600)
    const discard_after = new Date(Date.now() + 60_000).toISOString()
    expect(await stateOf(await enqueue('one', 'x', { priority: 600, discard_after }))).toMatchObject({
      state: 'queued',
    })
    const late = { functionName: 'one', arguments: [], discardAfter: new Date(0), priority: 600 }
    const id = only(await enqueueBulk(core, environment.id, [late]))
    expect(await stateOf(id)).toMatchObject({ state: 'discarded' })
  })

  test('a retry, or running it again; what we interrupted keeps its place', async () => {
    const here = await place()
    const retry = {
      maxAttempts: 1,
      initialInterval: 0,
      randomizationFactor: 0,
      multiplier: 1,
      maxInterval: 0,
    }
    await here.deploy('one', { retry })
    const id = await here.enqueue('one', 'urgent', { priority: 600 })
    await here.end(only((await here.claim(1)).executions), { kind: 'stopped' }, 'interrupted')
    expect(await here.earlierBySeconds(id)).toBe(600)
    await here.end(only((await here.claim(1)).executions), fail)
    expect(await here.earlierBySeconds(id)).toBeLessThanOrEqual(0)
    const again = only((await here.claim(1)).executions)
    await here.end(again, { kind: 'returned', result: null })
    const result = await rerun(here.core, { environmentId: here.environment.id, id })
    if (result.kind !== 'created') throw new Error(result.kind)
    expect(await here.earlierBySeconds(result.execution.id)).toBe(0)
  })
})
