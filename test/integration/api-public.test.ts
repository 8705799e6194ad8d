// The public API over real HTTP: who may call, what it answers to what the clients never send, and the statuses of the contract.
import http from 'node:http'
import { eq } from 'drizzle-orm'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createToken, runtimeToken } from '../../src/api/tokens.ts'
import { environments, tokens } from '../../src/db/schema.ts'
import { createWeb } from '../../src/web.ts'
import { insertEnvironment } from '../support/place.ts'
import { log, only, setup } from './executions-setup.ts'

const masterKey = 'a master key for tests, nothing more'
const basic = (token: string, user = '') => `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
const nowhere = '00000000-0000-4000-8000-000000000000'

async function place() {
  const here = await setup(inject('postgresUrl'))
  const web = await createWeb([publicApi({ core: here.core, masterKey, log })], async () => {}, log)
  const url = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  const token = await createToken(here.db, here.environment.id)
  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: basic(token) },
  ) {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(text === undefined ? {} : { body: text }),
    })
    const answer = await response.text()
    return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer) }
  }
  const enqueue = (name: string, more: object = {}) =>
    send('PUT', '/public/v2/executions', { function_name: name, function_arguments: [], ...more })
  return { ...here, url, token, send, enqueue }
}

describe('who may call', () => {
  test.each([
    ['as the client sends it', (token: string) => basic(token)],
    ['with a user name beside it', (token: string) => basic(token, 'x')],
    ['as a bearer', (token: string) => `Bearer ${token}`],
  ])('a token %s', async (_, headerOf) => {
    const { send, token, db } = await place()
    const answer = await send('POST', '/public/v2/executions', {}, { authorization: headerOf(token) })
    expect(answer.status).toBe(200)
    const row = only(await db.select().from(tokens))
    expect(row.hash).not.toContain(token)
    expect(token.startsWith(row.prefix) && row.prefix.length === 11).toBe(true)
  })

  test('a function, by the token of its environment', async () => {
    const { send, environment } = await place()
    const authorization = basic(runtimeToken(masterKey, environment.id))
    expect((await send('POST', '/public/v2/executions', {}, { authorization })).status).toBe(200)
  })

  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty token', { authorization: basic('') }],
    ['an unknown token', { authorization: basic('slt_nothing') }],
    ['the runtime token of nowhere', { authorization: basic(runtimeToken(masterKey, nowhere)) }],
    ['a forged runtime token', { authorization: basic(runtimeToken('another key', nowhere)) }],
    ['another scheme', { authorization: 'Digest x' }],
    ['blanks in between', { authorization: 'Bearer  x y' }],
    ['a very long one', { authorization: `Bearer ${'x'.repeat(8_000)}` }],
  ])('%s: 401, and always the same', async (_, headers) => {
    const { send } = await place()
    const answer = await send('PUT', '/public/v2/executions', '{ not even JSON', headers)
    expect(answer.status).toBe(401)
    expect(answer.body).toEqual({ error: 'unauthorized', message: expect.stringContaining('DEFER_TOKEN') })
  })

  test('a revoked token, and one of a closed environment: 401', async () => {
    const { send, db, environment } = await place()
    const list = () => send('POST', '/public/v2/executions', {})
    expect((await list()).status).toBe(200)
    await db.update(environments).set({ closedAt: new Date() }).where(eq(environments.id, environment.id))
    expect((await list()).status).toBe(401)
    const authorization = basic(runtimeToken(masterKey, environment.id))
    expect((await send('POST', '/public/v2/executions', {}, { authorization })).status).toBe(401)
    await db.update(environments).set({ closedAt: null })
    await db.update(tokens).set({ revokedAt: new Date() })
    expect((await list()).status).toBe(401)
  })

  test('two Authorization headers: 401', async () => {
    const { url, token } = await place()
    const status = await new Promise(resolve => {
      const request = http.request(`${url}/public/v2/executions/${nowhere}`, response => {
        response.resume()
        resolve(response.statusCode)
      })
      request.setHeader('authorization', [basic(token), basic(token)])
      request.end()
    })
    expect(status).toBe(401)
  })

  test('an environment sees nothing of another', async () => {
    const { deploy, enqueue, send, db, repository } = await place()
    await deploy('one')
    const { id } = (await enqueue('one')).body.data
    const other = await insertEnvironment(db, repository.id, {
      name: 'other',
      branch: 'o',
      production: false,
    })
    const headers = { authorization: basic(await createToken(db, other.id)) }
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['GET', '/results', undefined],
      ['POST', '/cancellation', { force: true }],
      ['PATCH', '/schedule', { schedule_for: new Date() }],
      ['POST', '/reruns', {}],
      ['POST', '/attempts', {}],
    ] as const)
      expect((await send(method, `/public/v2/executions/${id}${rest}`, body, headers)).status).toBe(404)
    expect((await send('POST', '/public/v2/executions', {}, headers)).body.data).toEqual([])
  })
})

describe('what it answers', () => {
  test('an execution in the words of the contract', async () => {
    const { deploy, enqueue, send } = await place()
    const one = await deploy('one')
    const schedule_for = new Date(Date.now() + 3_600_000).toISOString()
    const { status, body } = await enqueue('one', { schedule_for, metadata: { a: 'b' } })
    expect(status).toBe(201)
    expect(body.data).toEqual({
      id: expect.any(String),
      state: 'created',
      function_name: 'one',
      function_id: one.id,
      schedule_for,
      scheduled_at: schedule_for,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: body.data.created_at,
    })
    expect(await send('GET', `/public/v2/executions/${body.data.id}`)).toEqual({ status: 200, body })
  })

  test('results by how it ended', async () => {
    const { deploy, enqueue, send, claim, end } = await place()
    await deploy('one')
    const results = (id: string) => send('GET', `/public/v2/executions/${id}/results`)
    const { id } = (await enqueue('one')).body.data
    expect((await results(id)).status).toBe(202)
    const claimed = only((await claim(1)).executions)
    expect((await results(id)).status).toBe(202)
    await end(claimed, { kind: 'returned', result: '{"a":[null]}' })
    expect(await results(id)).toEqual({ status: 200, body: { a: [null] } })
    const failed = (await enqueue('one')).body.data.id
    const error = { name: 'TypeError', message: 'no', stack: 'TypeError: no\n    at one' }
    await end(only((await claim(1)).executions), { kind: 'threw', error })
    expect(await results(failed)).toEqual({ status: 200, body: error })
    const nothing = (await enqueue('one')).body.data.id
    await end(only((await claim(1)).executions), { kind: 'returned', result: null })
    expect(await results(nothing)).toEqual({ status: 204, body: undefined })
    expect((await results(nowhere)).status).toBe(404)
  })

  test('a cancellation by the state it meets', async () => {
    const { deploy, enqueue, send, claim } = await place()
    await deploy('one')
    const { id } = (await enqueue('one')).body.data
    const cancel = (force: boolean) => send('POST', `/public/v2/executions/${id}/cancellation`, { force })
    await claim(1)
    expect((await cancel(false)).status).toBe(409)
    expect(await cancel(true)).toMatchObject({ status: 200, body: { data: { id, state: 'aborting' } } })
    expect(await cancel(true)).toMatchObject({ status: 202, body: { message: expect.any(String) } })
    expect((await cancel(false)).status).toBe(409)
  })

  test('an unknown function by its name, and the one that was meant', async () => {
    const { deploy, enqueue } = await place()
    const unknown = await enqueue('sendReceipt')
    expect(unknown).toMatchObject({ status: 404, body: { error: 'not_found' } })
    expect(unknown.body.message).toContain('"sendReceipt"')
    expect(unknown.body.message).toContain('no functions yet')
    await deploy('sendReceipt')
    expect((await enqueue('sendReciept')).body.message).toContain('Did you mean "sendReceipt"?')
  })

  test('the last page says that there is none before and none after', async () => {
    const { send } = await place()
    const { body } = await send('POST', '/public/v2/executions', { page: { first: 5 } })
    expect(body).toEqual({
      page_info: { has_next_page: false, has_prev_page: false, start_cursor: null, end_cursor: null },
      data: [],
    })
  })

  test('the first version of the protocol, over the same executions', async () => {
    const { deploy, send, claim, end } = await place()
    await deploy('one')
    const call = { name: 'one', arguments: [1], scheduled_for: new Date().toISOString(), metadata: {} }
    const { id } = (await send('POST', '/public/v1/enqueue', call)).body
    expect((await send('GET', `/public/v1/executions/${id}`)).body).toEqual({ id, state: 'created' })
    await end(only((await claim(1)).executions), { kind: 'returned', result: '[1]' })
    expect((await send('GET', `/public/v1/executions/${id}`)).body).toEqual({
      id,
      state: 'succeed',
      result: [1],
    })
    expect((await send('GET', `/public/v1/executions/${id}/tries`)).body).toMatchObject([
      { state: 'succeed' },
    ])
    expect(await send('POST', `/public/v1/executions/${id}/cancel`, { force: true })).toMatchObject({
      status: 409,
      body: { error: 'conflict' },
    })
    expect((await send('POST', `/public/v1/executions/${nowhere}/reschedule`, {})).status).toBe(404)
  })
})

describe('what it refuses', () => {
  test.each<[string, number, unknown, Record<string, string>]>([
    ['text', 415, 'hello', { 'content-type': 'text/plain' }],
    ['a form', 415, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['broken JSON', 400, '{"function_name":', {}],
    ['an unknown field', 400, { function_name: 'one', priorities: 1 }, {}],
    ['a NUL', 400, { function_name: 'one', function_arguments: ['\0'] }, {}],
    [
      'more than 10 MB',
      413,
      { function_name: 'one', function_arguments: ['x'.repeat(11 * 1024 * 1024)] },
      {},
    ],
  ])('%s: %i', async (_, status, body, headers) => {
    const { send, token, deploy } = await place()
    await deploy('one')
    const answer = await send('PUT', '/public/v2/executions', body, {
      authorization: basic(token),
      ...headers,
    })
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ error: expect.any(String), message: expect.any(String) })
  })

  test.each(['x', '%00', '..%2f..%2f', nowhere.slice(1), `${nowhere}0`, 'y'.repeat(10_000)])(
    'an id that can be none',
    async id => {
      const { send } = await place()
      expect([400, 404, 414]).toContain((await send('GET', `/public/v2/executions/${id}`)).status)
    },
  )

  test('a page that can be none, and the cursor of another environment', async () => {
    const { send, deploy, enqueue, db, repository } = await place()
    await deploy('one')
    await enqueue('one')
    const list = (body: unknown, headers?: Record<string, string>) =>
      send('POST', '/public/v2/executions', body, headers)
    expect((await list({ page: { first: 0 } })).status).toBe(400)
    expect((await list({ page: { first: 101 } })).status).toBe(400)
    expect((await list({ page: { after: 'forged' } })).status).toBe(400)
    expect((await list({ filters: { states: ['nonsense'] } })).status).toBe(400)
    const { end_cursor } = (await list({})).body.page_info
    expect((await list({ page: { after: end_cursor } })).status).toBe(200)
    const other = await insertEnvironment(db, repository.id, {
      name: 'other',
      branch: 'o',
      production: false,
    })
    const headers = { authorization: basic(await createToken(db, other.id)) }
    expect((await list({ page: { after: end_cursor } }, headers)).status).toBe(400)
  })
})
