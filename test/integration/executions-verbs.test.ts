// Enqueue, cancel, reschedule, rerun, list, count: what callers do with executions, and what they get for it.
import { eq } from 'drizzle-orm'
import { describe, expect, inject, test } from 'vitest'
import { functions } from '../../src/db/schema.ts'
import { cancel } from '../../src/executions/cancel.ts'
import { cancelQueuedOf } from '../../src/executions/cancel-queued.ts'
import { enqueue } from '../../src/executions/enqueue.ts'
import { listAttempts, listExecutions, noFilters } from '../../src/executions/list-store.ts'
import { rerun } from '../../src/executions/rerun.ts'
import { reschedule } from '../../src/executions/reschedule.ts'
import { insertEnvironment } from '../support/place.ts'
import { only, setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))
const soon = () => new Date(Date.now() + 3_600_000)
const done = { kind: 'returned', result: '1' } as const
const newest = (size: number) => ({ size, fromEnd: false, after: null, before: null })

describe('enqueue', () => {
  test('stores the call as it came', async () => {
    const { deploy, core, stateOf, environment } = await place()
    const one = await deploy('one')
    const scheduleFor = soon()
    const { id, state } = await enqueue(core, {
      environmentId: environment.id,
      functionName: 'one',
      arguments: [{ deep: ['é', null] }],
      metadata: { customer: '7' },
      scheduleFor,
    })
    expect(state).toBe('queued')
    expect(await stateOf(id)).toMatchObject({
      functionId: one.id,
      arguments: '[{"deep":["é",null]}]',
      metadata: { customer: '7' },
      scheduleFor,
      dueAt: scheduleFor,
      executedBy: 'api',
    })
  })

  test('refuses an unknown name, and one of another environment', async () => {
    const { deploy, core, repository, db } = await place()
    await deploy('one')
    const other = await insertEnvironment(db, repository.id, {
      name: 'other',
      branch: 'other',
      production: false,
    })
    const call = enqueue(core, { environmentId: other.id, functionName: 'one', arguments: [] })
    await expect(call).rejects.toMatchObject({ code: 'not_found', details: { functionName: 'one' } })
  })

  test.each([
    ['a discard time in the past', null, new Date(Date.now() - 1_000)],
    ['a delay beyond the discard time', new Date(Date.now() + 7_200_000), soon()],
  ])('with %s it is discarded at once', async (_, scheduleFor, discardAfter) => {
    const { deploy, core, environment, stateOf } = await place()
    await deploy('one')
    const input = {
      environmentId: environment.id,
      functionName: 'one',
      arguments: [],
      scheduleFor,
      discardAfter,
    }
    const { id, state } = await enqueue(core, input)
    expect(state).toBe('discarded')
    expect((await stateOf(id)).finishedAt).not.toBeNull()
  })

  test('during the deletion of its function it is either cancelled with the rest or refused', async () => {
    const { deploy, call, core, stateOf } = await place()
    const one = await deploy('one')
    const early = await call(one)
    let late: Promise<unknown> = Promise.resolve()
    const held = await core.db.transaction(async tx => {
      await tx.select().from(functions).where(eq(functions.id, one.id)).for('update')
      late = call(one).catch(error => error.code)
      await tx.update(functions).set({ state: 'deleted' }).where(eq(functions.id, one.id))
      return cancelQueuedOf(tx, one.id, 'Its function was deleted.')
    })
    expect(await late).toBe('not_found')
    expect(held).toEqual([{ id: early.id, arguments: '[]' }])
    expect((await stateOf(early.id)).state).toBe('cancelled')
  })
})

describe('cancel', () => {
  test('before the start it is immediate, with or without force', async () => {
    const { deploy, call, core, stateOf, environment } = await place()
    const one = await deploy('one')
    for (const force of [false, true]) {
      const { id } = await call(one)
      const result = await cancel(core, { environmentId: environment.id, id, force })
      expect(result).toMatchObject({ kind: 'cancelled', execution: { id, state: 'cancelled' } })
      expect((await stateOf(id)).finishedAt).not.toBeNull()
    }
  })

  test('a started one is refused without force, a finished one always', async () => {
    const { deploy, call, core, claim, end, environment } = await place()
    const { id } = await call(await deploy('one'))
    const claimed = only((await claim(1)).executions)
    const key = { environmentId: environment.id, id }
    expect(await cancel(core, { ...key, force: false })).toEqual({ kind: 'refused', state: 'running' })
    await end(claimed, done)
    expect(await cancel(core, { ...key, force: true })).toEqual({ kind: 'refused', state: 'succeeded' })
  })

  test('one of another environment does not exist', async () => {
    const { deploy, call, core, repository, db } = await place()
    const { id } = await call(await deploy('one'))
    const other = await insertEnvironment(db, repository.id, {
      name: 'other',
      branch: 'other',
      production: false,
    })
    expect(await cancel(core, { environmentId: other.id, id, force: true })).toEqual({ kind: 'not_found' })
  })
})

describe('reschedule and rerun', () => {
  test('a queued one moves, a started one does not', async () => {
    const { deploy, call, core, claim, environment } = await place()
    const { id } = await call(await deploy('one'))
    const key = { environmentId: environment.id, id }
    const scheduleFor = soon()
    const moved = await reschedule(core, { ...key, scheduleFor })
    expect(moved).toMatchObject({ kind: 'rescheduled', execution: { scheduleFor } })
    expect((await claim(1)).executions).toEqual([])
    await reschedule(core, { ...key, scheduleFor: new Date(Date.now() - 1_000) })
    expect((await claim(1)).executions).toHaveLength(1)
    expect(await reschedule(core, { ...key, scheduleFor })).toEqual({ kind: 'refused', state: 'running' })
  })

  test('a rerun has the same arguments and metadata and is an execution of its own', async () => {
    const { deploy, core, claim, end, environment, stateOf } = await place()
    await deploy('one')
    const call = { functionName: 'one', arguments: [1, 2], metadata: { a: 'b' } }
    const { id } = await enqueue(core, { environmentId: environment.id, ...call })
    const key = { environmentId: environment.id, id }
    expect(await rerun(core, key)).toEqual({ kind: 'refused', state: 'queued' })
    await end(only((await claim(1)).executions), done)
    const again = await rerun(core, key)
    if (again.kind !== 'created') throw new Error(again.kind)
    expect(again.execution.id).not.toBe(id)
    const row = await stateOf(again.execution.id)
    expect(row).toMatchObject({ arguments: '[1,2]', metadata: { a: 'b' }, rerunOf: id, executedBy: 'rerun' })
  })
})

describe('lists', () => {
  test('newest first, in pages from both ends', async () => {
    const { deploy, call, db, environment } = await place()
    const one = await deploy('one')
    const ids: string[] = []
    for (let index = 0; index < 5; index++) ids.unshift((await call(one, index)).id)
    const list = (page: Parameters<typeof listExecutions>[2]) =>
      listExecutions(db, environment.id, page, noFilters)
    const first = await list(newest(2))
    expect(first).toMatchObject({
      items: [{ id: ids[0] }, { id: ids[1] }],
      hasNext: true,
      hasPrevious: false,
    })
    const second = await list({ ...newest(2), after: first.items[1]?.sequence ?? 0 })
    expect(second).toMatchObject({
      items: [{ id: ids[2] }, { id: ids[3] }],
      hasNext: true,
      hasPrevious: true,
    })
    const last = await list({ ...newest(2), fromEnd: true })
    expect(last).toMatchObject({ items: [{ id: ids[3] }, { id: ids[4] }], hasNext: false, hasPrevious: true })
    const back = await list({ size: 2, fromEnd: true, after: null, before: second.items[0]?.sequence ?? 0 })
    expect(back).toMatchObject({ items: [{ id: ids[0] }, { id: ids[1] }], hasNext: true, hasPrevious: false })
  })

  test('each filter keeps what it names', async () => {
    const { deploy, core, claim, end, db, environment } = await place()
    const one = await deploy('one')
    await deploy('two')
    const base = { environmentId: environment.id, arguments: [] }
    const failed = await enqueue(core, { ...base, functionName: 'one', metadata: { a: '1', b: 'x' } })
    await end(only((await claim(1)).executions), { kind: 'timed_out', maxDurationMs: 1 })
    const scheduleFor = soon()
    const later = await enqueue(core, { ...base, functionName: 'two', metadata: { a: '2' }, scheduleFor })
    const found = async (filters: Partial<typeof noFilters>) =>
      (await listExecutions(db, environment.id, newest(10), { ...noFilters, ...filters })).items.map(
        row => row.id,
      )
    const past = { from: new Date(0), to: new Date() }
    expect(await found({ states: ['failed'] })).toEqual([failed.id])
    expect(await found({ states: ['failed', 'queued'] })).toEqual([later.id, failed.id])
    expect(await found({ errorCodes: ['ER0001'] })).toEqual([failed.id])
    expect(await found({ errorCodes: ['ER0002'] })).toEqual([])
    expect(await found({ functionIds: [one.id] })).toEqual([failed.id])
    expect(await found({ scheduledAt: past })).toEqual([failed.id])
    expect(await found({ startedAt: past })).toEqual([failed.id])
    expect(await found({ executedBy: 'cron' })).toEqual([])
    expect(await found({ metadata: [{ key: 'a', values: ['1', '2'] }] })).toEqual([later.id, failed.id])
    expect(
      await found({
        metadata: [
          { key: 'a', values: ['1', '2'] },
          { key: 'b', values: ['x'] },
        ],
      }),
    ).toEqual([failed.id])
  })

  test('attempts of one execution, newest first', async () => {
    const { deploy, call, claim, end, db, environment, core } = await place()
    const retry = {
      maxAttempts: 1,
      initialInterval: 0,
      randomizationFactor: 0,
      multiplier: 1,
      maxInterval: 0,
    }
    const { id } = await call(await deploy('one', { retry }))
    await end(only((await claim(1)).executions), { kind: 'threw', error: { name: 'Error', message: 'no' } })
    await claim(1)
    const list = (filters: Partial<Parameters<typeof listAttempts>[3]> = {}) =>
      listAttempts(db, { environmentId: environment.id, id }, newest(10), { ...noFilters, ...filters })
    expect((await list()).items.map(one => [one.number, one.state])).toEqual([
      [2, 'running'],
      [1, 'failed'],
    ])
    await cancel(core, { environmentId: environment.id, id, force: true })
    expect((await list({ states: ['aborting'] })).items).toHaveLength(1)
  })
})
