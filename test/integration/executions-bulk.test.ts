// Many calls at once: all of them or none, in their order, each as a single call would have been stored.
import { describe, expect, inject, test } from 'vitest'
import { executions } from '../../src/db/schema.ts'
import { enqueueBulk } from '../../src/executions/enqueue-bulk.ts'
import { setup } from './executions-setup.ts'

const place = () => setup(inject('postgresUrl'))

describe('calls in bulk', () => {
  test('are stored in one commit and start in their order', async () => {
    const here = await place()
    const { name } = await here.deploy('one')
    const calls = Array.from({ length: 500 }, (_, index) => ({ functionName: name, arguments: [index] }))
    const ids = await enqueueBulk(here.core, here.environment.id, calls)
    expect(new Set(ids).size).toBe(500)
    expect(await here.db.selectDistinct({ at: executions.createdAt }).from(executions)).toHaveLength(1)
    const claimed = (await here.claim(500)).executions
    expect(claimed.map(one => one.id)).toEqual(ids)
    expect(claimed.map(one => JSON.parse(one.arguments)[0])).toEqual(calls.map((_, index) => index))
  })

  test('are stored as single ones are', async () => {
    const here = await place()
    const [one, two] = [await here.deploy('one'), await here.deploy('two')]
    const scheduleFor = new Date(Date.now() + 60_000)
    const ids = await enqueueBulk(here.core, here.environment.id, [
      { functionName: two.name, arguments: [{ a: 'ü "\\' }], metadata: { k: 'v' }, scheduleFor },
      { functionName: one.name, arguments: [], discardAfter: new Date(0) },
    ])
    const [later = '', late = ''] = ids
    expect(await here.stateOf(later)).toMatchObject({
      functionId: two.id,
      state: 'queued',
      arguments: '[{"a":"ü \\"\\\\"}]',
      metadata: { k: 'v' },
      scheduleFor,
      dueAt: scheduleFor,
      executedBy: 'api',
    })
    expect(await here.stateOf(late)).toMatchObject({ functionId: one.id, state: 'discarded' })
  })

  test('none is stored when one names a function that is not there', async () => {
    const here = await place()
    await here.deploy('one')
    const calls = ['one', 'two', 'one', 'three'].map(functionName => ({ functionName, arguments: [] }))
    await expect(enqueueBulk(here.core, here.environment.id, calls)).rejects.toMatchObject({
      code: 'not_found',
      details: { functionNames: ['three', 'two'] },
    })
    expect(await here.db.$count(executions)).toBe(0)
    expect(await enqueueBulk(here.core, here.environment.id, [])).toEqual([])
  })
})
