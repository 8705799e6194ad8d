// Claiming: what may start, in which order, how many at once, and what is held without being touched.
import { eq, sql } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { environments, functions, overlays } from '../../src/db/schema.ts'
import { cancelOverflow, claim } from '../../src/executions/claim.ts'
import { discardLate } from '../../src/executions/discard.ts'
import { insertEnvironment } from '../support/place.ts'
import { only, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const hour = 3_600_000
const ids = (claims: { executions: { id: string }[] }) => claims.executions.map(one => one.id)

describe('a claim', () => {
  test('starts what is due with the active version, under a lease and a token', async () => {
    const { deploy, call, claim, stateOf, attemptsOf } = await place()
    const greet = await deploy('greet')
    const { id } = await call(greet, 'ada')
    const claimed = only((await claim(10)).executions)
    expect(claimed).toMatchObject({ id, attempt: 1, functionName: 'greet', arguments: '["ada"]' })
    const row = await stateOf(id)
    expect(row).toMatchObject({ state: 'running', attempt: 1, workerId: 'w1' })
    expect(row.versionId).toBe(claimed.versionId)
    expect(only(await attemptsOf(id))).toMatchObject({ number: 1, state: 'running', reason: 'first' })
    expect(ids(await claim(10))).toEqual([])
  })

  test('leaves what is not due', async () => {
    const { deploy, call, claim, update } = await place()
    const { id } = await call(await deploy('later'))
    await update(id, { dueAt: new Date(Date.now() + hour) })
    expect(ids(await claim(10))).toEqual([])
    await update(id, { dueAt: new Date(Date.now() - hour) })
    expect(ids(await claim(10))).toEqual([id])
  })

  test('takes the oldest due first and never more than it has slots', async () => {
    const { deploy, call, claim, update } = await place()
    const one = await deploy('one')
    const first = await call(one)
    const second = await call(one)
    await update(second.id, { dueAt: new Date(Date.now() - hour) })
    expect(ids(await claim(1))).toEqual([second.id])
    expect(ids(await claim(1))).toEqual([first.id])
  })

  test('gives each waiting function its share of the slots, however long the queue of another', async () => {
    const { deploy, call, claim } = await place()
    const busy = await deploy('busy')
    const rare = await deploy('rare')
    for (let index = 0; index < 20; index++) await call(busy, index)
    await call(rare)
    const names = (await claim(6)).executions.map(one => one.functionName)
    expect(names.filter(name => name === 'rare')).toHaveLength(1)
    expect(names.filter(name => name === 'busy')).toHaveLength(3)
  })

  test('tries the function it was woken for, within the same rules, and then all', async () => {
    const here = await place()
    const [free, limited, paused] = [
      await here.deploy('free'),
      await here.deploy('limited', { concurrency: 1 }),
      await here.deploy('paused'),
    ]
    await here.pause(paused.id)
    for (const one of [free, free, limited, limited, paused]) await here.call(one)
    const wokenFor = async (one: { id: string }, slots: number) =>
      (await claim(here.core, { workerId: 'w1', slots, ahead: 0, likely: [one.id] })).executions.map(
        execution => execution.functionName,
      )
    expect(await wokenFor(free, 1)).toEqual(['free'])
    expect((await wokenFor(limited, 4)).sort()).toEqual(['free', 'limited'])
    expect(await wokenFor(limited, 4)).toEqual([])
    expect(await wokenFor(paused, 4)).toEqual([])
  })

  test('gives each environment its share, however many functions of another wait', async () => {
    const { deploy, call, claim, db, repository } = await place()
    const other = await insertEnvironment(db, repository.id, {
      name: 'staging',
      branch: 'develop',
      production: false,
    })
    for (let index = 0; index < 30; index++) await call(await deploy(`many${index}`))
    const one = await deploy('one', {}, { environmentId: other.id })
    for (let index = 0; index < 5; index++) await call(one, index)
    for (let round = 0; round < 5; round++)
      expect((await claim(2)).executions.map(execution => execution.functionName)).toContain('one')
  })

  test('never gives one execution to two claimers', async () => {
    const { deploy, call, claim } = await place()
    const one = await deploy('one')
    for (let index = 0; index < 40; index++) await call(one, index)
    const rounds = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(5, `w${index}`)))
    const all = rounds.flatMap(ids)
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(0)
  })
})

describe('held, as long as it lasts, without a change of any execution', () => {
  test('a paused function, until the pause is lifted', async () => {
    const { deploy, call, claim, pause, db, stateOf } = await place()
    const one = await deploy('one')
    const { id } = await call(one)
    const overlay = only(await pause(one.id))
    const before = await stateOf(id)
    expect(ids(await claim(5))).toEqual([])
    expect(await stateOf(id)).toEqual(before)
    await db
      .update(overlays)
      .set({ liftedAt: new Date(), liftedBy: 'ada' })
      .where(eq(overlays.id, overlay.id))
    expect(ids(await claim(5))).toEqual([id])
  })

  test('a paused environment holds all its functions; another function of it is not special', async () => {
    const { deploy, call, claim, pause } = await place()
    await call(await deploy('one'))
    await call(await deploy('two'))
    await pause(null)
    expect(ids(await claim(5))).toEqual([])
  })

  test('a pause whose end has passed holds no longer', async () => {
    const { deploy, call, claim, pause } = await place()
    const one = await deploy('one')
    const { id } = await call(one)
    await pause(one.id, new Date(Date.now() - 1_000))
    expect(ids(await claim(5))).toEqual([id])
  })

  test.each([
    ['an archived function', { archivedAt: new Date(), archivedBecause: 'removed_from_code' as const }],
    ['a function to be deleted', { state: 'pending_deletion' as const }],
    ['a function that is being built', { state: 'building' as const }],
  ])('%s', async (_, values) => {
    const { deploy, call, claim, db, stateOf } = await place()
    const one = await deploy('one')
    await db.update(functions).set(values).where(eq(functions.id, one.id))
    const { id } = await call(one)
    expect(ids(await claim(5))).toEqual([])
    expect((await stateOf(id)).state).toBe('queued')
  })

  test.each([
    [
      'an environment that is drained',
      { mode: 'preparing_for_stop' as const, drainingSince: new Date(), drainGraceSeconds: 60 },
    ],
    ['a closed environment', { closedAt: new Date() }],
  ])('%s', async (_, values) => {
    const { deploy, call, claim, db, environment } = await place()
    await call(await deploy('one'))
    await db.update(environments).set(values).where(eq(environments.id, environment.id))
    expect(ids(await claim(5))).toEqual([])
  })
})

describe('concurrency', () => {
  test('at most so many at once over all workers, whoever claims at the same time', async () => {
    const { deploy, call, claim, end } = await place()
    const one = await deploy('one', { concurrency: 3 })
    for (let index = 0; index < 12; index++) await call(one, index)
    const rounds = await Promise.all(Array.from({ length: 6 }, (_, index) => claim(4, `w${index}`)))
    const claimed = rounds.flatMap(round => round.executions)
    while (claimed.length < 3) claimed.push(...(await claim(4)).executions)
    expect(claimed).toHaveLength(3)
    expect(ids(await claim(4))).toEqual([])
    const [first] = claimed
    if (first) await end(first, { kind: 'returned', result: null })
    expect(ids(await claim(4))).toHaveLength(1)
  })

  test('1 is first in, first out: by due time, then by creation', async () => {
    const { deploy, call, claim, end, update } = await place()
    const one = await deploy('one', { concurrency: 1 })
    const calls = []
    for (let index = 0; index < 5; index++) calls.push(await call(one, index))
    const last = only(calls.slice(4))
    await update(last.id, { dueAt: new Date(Date.now() - hour) })
    const order: string[] = []
    for (let index = 0; index < 5; index++) {
      const claimed = only((await claim(4)).executions)
      order.push(claimed.id)
      await end(claimed, { kind: 'returned', result: null })
    }
    expect(order).toEqual([last.id, ...calls.slice(0, 4).map(one => one.id)])
  })

  test('with maxConcurrencyAction "cancel", what comes due while the limit is reached is cancelled', async () => {
    const { deploy, call, claim, stateOf, core, update } = await place()
    const one = await deploy('one', { concurrency: 1, maxConcurrencyAction: 'cancel' })
    const running = await call(one)
    expect(ids(await claim(4))).toEqual([running.id])
    const due = await call(one)
    const later = await call(one)
    await update(later.id, { dueAt: new Date(Date.now() + hour) })
    expect(await cancelOverflow(core)).toBe(1)
    expect((await stateOf(due.id)).state).toBe('cancelled')
    expect((await stateOf(later.id)).state).toBe('queued')
  })

  test('with "cancel", of several due at once only as many as allowed run', async () => {
    const { deploy, call, claim, stateOf } = await place()
    const one = await deploy('one', { concurrency: 2, maxConcurrencyAction: 'cancel' })
    const calls = [await call(one), await call(one), await call(one)]
    expect(ids(await claim(4))).toHaveLength(2)
    const states = await Promise.all(calls.map(async ({ id }) => (await stateOf(id)).state))
    expect(states).toEqual(['running', 'running', 'cancelled'])
  })

  test('without it they wait', async () => {
    const { deploy, call, claim, core, stateOf } = await place()
    const one = await deploy('one', { concurrency: 1 })
    await call(one)
    await claim(4)
    const { id } = await call(one)
    expect(await cancelOverflow(core)).toBe(0)
    expect((await stateOf(id)).state).toBe('queued')
  })
})

describe('a release', () => {
  test('is waited for: nothing of the old version starts after its commit', async () => {
    const { deploy, call, claim, core } = await place()
    const one = await deploy('one')
    await call(one)
    const old = only((await claim(1)).executions).versionId
    await call(one)
    const switched = await core.db.transaction(async tx => {
      await tx.execute(sql`select 1 from functions where id = ${one.id} for no key update`)
      const during = await claim(5)
      expect(during).toEqual({ executions: [], contended: true })
      return during
    })
    expect(switched.contended).toBe(true)
    await deploy('one', {}, { code: 'one 2' })
    const claimed = only((await claim(5)).executions)
    expect(claimed.versionId).not.toBe(old)
  })
})

describe('discarding', () => {
  test('what did not start in time is discarded, held or not, and never started', async () => {
    const { deploy, call, claim, core, stateOf, update, pause } = await place()
    const one = await deploy('one')
    const { id } = await call(one)
    await update(id, { discardAfter: new Date(Date.now() - 1_000) })
    expect(ids(await claim(5))).toEqual([])
    await pause(one.id)
    expect(await discardLate(core)).toBe(1)
    expect(await stateOf(id)).toMatchObject({ state: 'discarded' })
  })

  test('one that has started once waits for its retry beyond that time', async () => {
    const { deploy, call, claim, core, end, update, stateOf } = await place()
    const retry = {
      maxAttempts: 1,
      initialInterval: 0,
      randomizationFactor: 0,
      multiplier: 1,
      maxInterval: 0,
    }
    const one = await deploy('one', { retry })
    const { id } = await call(one)
    await end(only((await claim(1)).executions), { kind: 'threw', error: { name: 'Error', message: 'no' } })
    await update(id, { discardAfter: new Date(Date.now() - 1_000) })
    expect(await discardLate(core)).toBe(0)
    expect(ids(await claim(1))).toEqual([id])
    expect((await stateOf(id)).attempt).toBe(2)
  })
})
