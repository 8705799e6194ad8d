// What the protocol has beyond Defer's: many calls in one request, and requests that a caller may repeat.
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createToken } from '../../src/api/tokens.ts'
import { executions, idempotencyKeys } from '../../src/db/schema.ts'
import { forgetKeys } from '../../src/executions/once.ts'
import { createWeb } from '../../src/web.ts'
import { log, setup } from './executions-setup.ts'

async function place() {
  const here = await setup(inject('postgresUrl'))
  const web = await createWeb(
    [publicApi({ core: here.core, masterKey: 'a master key', log })],
    async () => {},
    log,
  )
  const url = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  const token = await createToken(here.db, here.environment.id)
  const put = async (path: string, body: unknown, key?: string) => {
    const response = await fetch(`${url}/public/v2${path}`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  await here.deploy('one')
  return { ...here, put, amount: () => here.db.$count(executions) }
}

const call = (...function_arguments: unknown[]) => ({ function_name: 'one', function_arguments })

describe('a request with an Idempotency-Key', () => {
  test('is accepted once, however often it comes, also at once', async () => {
    const { put, amount } = await place()
    const answers = await Promise.all(Array.from({ length: 10 }, () => put('/executions', call(1), 'key-1')))
    answers.push(await put('/executions', call(1), 'key-1'))
    expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 201))
    expect(new Set(answers.map(answer => answer.body.data.id)).size).toBe(1)
    expect(await amount()).toBe(1)
    expect((await put('/executions', call(1), 'key-2')).status).toBe(201)
    expect(await amount()).toBe(2)
  })

  test('that came with another request is refused, and nothing is stored', async () => {
    const { put, amount } = await place()
    await put('/executions', call(1), 'key-1')
    const { status, body } = await put('/executions', call(2), 'key-1')
    expect([status, body.error]).toEqual([409, 'conflict'])
    expect(body.message).toContain('key of its own')
    expect(await amount()).toBe(1)
  })

  test('that was refused may come again mended, under the same key', async () => {
    const { put } = await place()
    expect((await put('/executions', { ...call(), function_name: 'two' }, 'key-1')).status).toBe(404)
    expect((await put('/executions', call(), 'key-1')).status).toBe(201)
  })

  test.each(['x'.repeat(300), 'with space'])('%s is none', async key => {
    const { status, body } = await (await place()).put('/executions', call(), key)
    expect([status, body.error]).toEqual([400, 'malformed'])
  })

  test('is forgotten after a day', async () => {
    const { put, db, core, amount } = await place()
    await put('/executions', call(1), 'key-1')
    await forgetKeys(core)
    await put('/executions', call(1), 'key-1')
    expect(await amount()).toBe(1)
    await db.update(idempotencyKeys).set({ createdAt: new Date(Date.now() - 25 * 3_600_000) })
    await forgetKeys(core)
    await put('/executions', call(1), 'key-1')
    expect(await amount()).toBe(2)
  })
})

describe('calls in bulk', () => {
  test('are accepted in their order, once under a key', async () => {
    const { put, amount, stateOf } = await place()
    const body = { executions: [call(1), { ...call(2), metadata: { a: 'b' } }, call(3)] }
    const [first, again] = [
      await put('/executions/bulk', body, 'k'),
      await put('/executions/bulk', body, 'k'),
    ]
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.body).toEqual(first.body)
    expect(await amount()).toBe(3)
    const rows = await Promise.all((first.body.data as { id: string }[]).map(({ id }) => stateOf(id)))
    expect(rows.map(({ arguments: args }) => args)).toEqual(['[1]', '[2]', '[3]'])
    expect(rows[1]?.metadata).toEqual({ a: 'b' })
  })

  test('are all refused when one of them is wrong, by its place or its name', async () => {
    const { put, amount } = await place()
    const wrong = await put('/executions/bulk', { executions: [call(1), { function_name: '' }] })
    expect([wrong.status, wrong.body.message]).toEqual([
      400,
      expect.stringContaining('executions.1.function_name'),
    ])
    const unknown = await put('/executions/bulk', {
      executions: [call(1), { ...call(), function_name: 'two' }],
    })
    expect([unknown.status, unknown.body.message]).toEqual([404, expect.stringContaining('"two"')])
    expect((await put('/executions/bulk', { executions: [] })).status).toBe(400)
    expect(await amount()).toBe(0)
  })
})
