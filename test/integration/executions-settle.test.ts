// The end of attempts: fenced, with a reason for each further one, and taken back when a worker vanished.
import { eq } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { liveExecutions } from '../../src/db/schema.ts'
import { cancel } from '../../src/executions/cancel.ts'
import { renewed } from '../../src/executions/lease-store.ts'
import { rescue } from '../../src/executions/rescue.ts'
import { only, type Place, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const retry = { maxAttempts: 2, initialInterval: 0, randomizationFactor: 0, multiplier: 1, maxInterval: 600 }
const failure = { kind: 'threw', error: { name: 'Error', message: 'no' } } as const

async function started(place: Place, options: Parameters<Place['deploy']>[1] = {}) {
  await place.call(await place.deploy('one', options))
  return only((await place.claim(1)).executions)
}

const expire = ({ db }: Place, id: string) =>
  db
    .update(liveExecutions)
    .set({ leaseUntil: new Date(Date.now() - 1_000) })
    .where(eq(liveExecutions.id, id))

describe('settling', () => {
  test('a result is stored once; a second settle finds nothing to do', async () => {
    const here = await place()
    const claimed = await started(here)
    expect(await here.end(claimed, { kind: 'returned', result: '42' })).toBe('settled')
    expect(await here.end(claimed, failure)).toBe('lost')
    expect(await here.stateOf(claimed.id)).toMatchObject({ state: 'succeeded', result: '42' })
    expect(only(await here.attemptsOf(claimed.id)).state).toBe('succeeded')
  })

  test.each([
    ['another token', { token: '00000000-0000-4000-8000-000000000000' }],
    ['another attempt', { attempt: 2 }],
  ])('with %s nothing is written', async (_, wrong) => {
    const here = await place()
    const claimed = await started(here)
    expect(await here.end({ ...claimed, ...wrong }, { kind: 'returned', result: '1' })).toBe('lost')
    expect((await here.stateOf(claimed.id)).state).toBe('running')
  })

  test('a failure is tried again as often as the policy says, then it stands', async () => {
    const here = await place()
    let claimed = await started(here, { retry })
    for (let round = 1; round <= 2; round++) {
      await here.end(claimed, failure)
      expect(await here.stateOf(claimed.id)).toMatchObject({
        state: 'queued',
        retries: round,
        finishedAt: null,
      })
      claimed = only((await here.claim(1)).executions)
    }
    await here.end(claimed, failure)
    const row = await here.stateOf(claimed.id)
    expect(row).toMatchObject({ state: 'failed', errorCode: 'ER0000', retries: 2, attempt: 3 })
    expect(JSON.parse(row.error ?? '')).toEqual({ name: 'Error', message: 'no' })
    expect((await here.attemptsOf(claimed.id)).map(one => one.reason)).toEqual(['first', 'retry', 'retry'])
  })

  test('a retry waits for its delay', async () => {
    const here = await place()
    const claimed = await started(here, { retry: { ...retry, initialInterval: 600 } })
    await here.end(claimed, failure)
    expect((await here.claim(1)).executions).toEqual([])
    const { dueAt } = await here.stateOf(claimed.id)
    expect(dueAt.getTime()).toBeGreaterThan(Date.now() + 500_000)
  })

  test('our own shutdown spends no retry and keeps the place in the queue', async () => {
    const here = await place()
    const claimed = await started(here)
    const before = await here.stateOf(claimed.id)
    await here.end(claimed, { kind: 'stopped' }, 'interrupted')
    const after = await here.stateOf(claimed.id)
    expect(after).toMatchObject({ state: 'queued', retries: 0, dueAt: before.dueAt })
    await here.claim(1)
    expect((await here.attemptsOf(claimed.id)).map(one => [one.state, one.reason])).toEqual([
      ['interrupted', 'first'],
      ['running', 'interrupted'],
    ])
  })

  test('a promised abort stands, also when the result comes first', async () => {
    const here = await place()
    const claimed = await started(here)
    const key = { environmentId: claimed.environmentId, id: claimed.id }
    expect(await cancel(here.core, { ...key, force: true })).toMatchObject({ kind: 'aborting' })
    expect(await cancel(here.core, { ...key, force: true })).toEqual({ kind: 'already_aborting' })
    expect(await here.end(claimed, { kind: 'returned', result: '1' })).toBe('aborted')
    expect(await here.stateOf(claimed.id)).toMatchObject({ state: 'aborted', result: null })
  })

  test('of a cancel and a result at the same moment one wins, over many rounds', async () => {
    const here = await place()
    const one = await here.deploy('one')
    for (let round = 0; round < 25; round++) {
      await here.call(one)
      const claimed = only((await here.claim(1)).executions)
      const [settled, cancelled] = await Promise.all([
        here.end(claimed, { kind: 'returned', result: '1' }),
        cancel(here.core, { environmentId: claimed.environmentId, id: claimed.id, force: true }),
      ])
      const { state } = await here.stateOf(claimed.id)
      expect(state).toBe(cancelled.kind === 'aborting' ? 'aborted' : 'succeeded')
      expect(settled).toBe(cancelled.kind === 'aborting' ? 'aborted' : 'settled')
    }
  })
})

describe('rescue', () => {
  test('takes back what a vanished worker held, with the reason, and fences the worker out', async () => {
    const here = await place()
    const zombie = await started(here)
    expect(await rescue(here.core)).toBe(0)
    await expire(here, zombie.id)
    expect(await rescue(here.core)).toBe(1)
    const next = only((await here.claim(1, 'w2')).executions)
    expect(await here.end(zombie, { kind: 'returned', result: '"zombie"' })).toBe('lost')
    expect(await here.end(next, { kind: 'returned', result: '"second"' })).toBe('settled')
    expect(await here.stateOf(zombie.id)).toMatchObject({ result: '"second"', crashes: 1, retries: 0 })
    expect((await here.attemptsOf(zombie.id)).map(one => [one.state, one.reason])).toEqual([
      ['lost', 'first'],
      ['succeeded', 'lease_expired'],
    ])
  })

  test('gives up after the third loss, with an error that says so', async () => {
    const here = await place()
    const { id } = await started(here, { retry })
    for (let round = 1; round <= 3; round++) {
      await expire(here, id)
      await rescue(here.core)
      await here.claim(1)
    }
    const row = await here.stateOf(id)
    expect(row).toMatchObject({ state: 'failed', crashes: 3, errorCode: 'ER0003' })
    expect(JSON.parse(row.error ?? '').message).toContain('vanished 3 times')
  })

  test('ends one that was being aborted', async () => {
    const here = await place()
    const { id, environmentId } = await started(here)
    await cancel(here.core, { environmentId, id, force: true })
    await expire(here, id)
    await rescue(here.core)
    expect((await here.stateOf(id)).state).toBe('aborted')
  })

  test('reaches everything behind more than a page', async () => {
    const here = await place()
    const one = await here.deploy('one')
    for (let index = 0; index < 450; index += 50)
      await Promise.all(Array.from({ length: 50 }, () => here.call(one)))
    expect((await here.claim(450)).executions).toHaveLength(450)
    await here.db.update(liveExecutions).set({ leaseUntil: new Date(0) })
    expect(await rescue(here.core)).toBe(450)
  })

  test('a heartbeat keeps the lease of exactly those that are still held', async () => {
    const here = await place()
    const one = await here.deploy('one')
    await here.call(one)
    await here.call(one)
    const [kept, settled] = (await here.claim(2)).executions
    if (!kept || !settled) throw new Error('two were due')
    await expire(here, kept.id)
    await here.end(settled, { kind: 'returned', result: null })
    const rows = await renewed(here.db, { tokens: [kept.token, settled.token], leaseSeconds: 30 })
    expect(rows).toEqual([{ token: kept.token, state: 'running' }])
    expect(await rescue(here.core)).toBe(0)
  })
})
