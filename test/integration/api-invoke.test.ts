// Invoking over the lifecycle API: the result, what it threw, one that takes longer than its caller waits, one that is held; then
// what the executions said, and figures of them.
import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { functions } from '../../src/db/schema.ts'
import { insertParts } from '../../src/executions/log-store.ts'
import { place } from './api-setup.ts'
import { only, until } from './executions-setup.ts'

async function setup() {
  const here = await place()
  const one = await here.deploy('mail')
  await here.db.update(functions).set({ skipSigning: true }).where(eq(functions.id, one.id))
  const key = await here.keyFor('write')
  const invoke = (body: unknown, headers = {}) =>
    here.send(key, 'POST', `/functions/${one.id}/invoke`, body, headers)
  const next = () => until(async () => (await here.claim(1)).executions[0])
  return { ...here, one, key, invoke, next }
}

test('the result, as an execution that is there like any other', async () => {
  const { invoke, next, end } = await setup()
  const asked = invoke({ body: { to: 'ada' } })
  const claimed = await next()
  expect(JSON.parse(claimed.arguments)).toEqual([{ to: 'ada' }])
  await end(claimed, { kind: 'returned', result: '{"sent":true}' })
  expect(await asked).toEqual({
    status: 200,
    body: {
      execution_id: claimed.id,
      status: 'succeeded',
      success: true,
      result: { sent: true },
      error: null,
    },
  })
})

test('what it threw', async () => {
  const { invoke, next, end } = await setup()
  const asked = invoke({})
  const claimed = await next()
  expect(JSON.parse(claimed.arguments)).toEqual([null])
  await end(claimed, { kind: 'threw', error: { name: 'Error', message: 'no such address' } })
  expect(await asked).toMatchObject({
    status: 200,
    body: { success: false, status: 'failed', result: null, error: { message: 'no such address' } },
  })
})

test('one that takes longer than its caller waits, or is held, is answered with its id', async () => {
  const { invoke, pause, one } = await setup()
  const first = await invoke({ timeout_ms: 0 }, { 'idempotency-key': 'one' })
  expect(first).toMatchObject({ status: 202, body: { execution_id: expect.any(String), status: 'queued' } })
  const again = await invoke({ timeout_ms: 0 }, { 'idempotency-key': 'one' })
  expect(again.body.execution_id).toBe(first.body.execution_id)
  await pause(one.id)
  const held = await invoke({})
  expect(held).toMatchObject({ status: 202, body: { message: expect.stringContaining('held') } })
})

test('without a version it is not invoked; where a signature is demanded, with one of its own and once', async () => {
  const { send, key, keyFor, one, db, invoke } = await setup()
  const { body } = await send(key, 'POST', '/functions/init', { name: 'new', skip_signing: true })
  expect(await send(key, 'POST', `/functions/${body.id}/invoke`, {})).toMatchObject({
    status: 409,
    body: { details: { reason: 'not_deployed' } },
  })
  await db.update(functions).set({ skipSigning: false }).where(eq(functions.id, one.id))
  expect(await invoke({ timeout_ms: 0 })).toMatchObject({ status: 401 })
  const request = { function_id: one.id, validity: '1h' }
  const made = (await send(await keyFor('admin'), 'POST', '/apikey/generate', request)).body
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const text = JSON.stringify({ timeout_ms: 0 })
  const signature = createHmac('sha256', made.secret).update(`${timestamp}:${text}`).digest('base64')
  const signed = { 'x-api-key': made.id, 'x-timestamp': timestamp, 'x-signature': signature }
  expect(await invoke({ timeout_ms: 0 }, signed)).toMatchObject({ status: 202 })
  expect(await invoke({ timeout_ms: 0 }, signed)).toMatchObject({ status: 401 })
  expect(await invoke({ bodi: 1 })).toMatchObject({ status: 400 })
})

test('what executions said, and figures by day and version', async () => {
  const { send, key, one, call, claim, end, db } = await setup()
  await call(one)
  const claimed = only((await claim(1)).executions)
  const lines = JSON.stringify([[Date.now(), 'log', 'hello']])
  await insertParts(db, [{ executionId: claimed.id, attempt: 1, part: 0, lines }])
  await end(claimed, { kind: 'returned', result: '1' })
  const about = { function_uuid: one.id, function_name: 'mail' }
  expect((await send(key, 'GET', `/functions/${one.id}/logs`)).body).toEqual({
    ...about,
    executions: [
      {
        execution_id: claimed.id,
        status: 'succeeded',
        created_at: expect.any(String),
        lines: [{ attempt: 1, at: expect.any(String), level: 'log', text: 'hello' }],
        more: false,
      },
    ],
  })
  expect((await send(key, 'GET', `/functions/${one.id}/insights?days=1`)).body).toEqual({
    ...about,
    days: [
      {
        day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        version: 1,
        executions: 1,
        succeeded: 1,
        failed: 0,
        failure_rate: 0,
        p50_ms: expect.any(Number),
        p95_ms: expect.any(Number),
      },
    ],
  })
})
