// Signing keys and signed requests, over real HTTP: a route that demands a signature answers what it was sent.
import { createHmac, randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { FastifyPluginAsync } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { demandSignature, keepRawBody } from '../../src/api/signing/demand-signature.ts'
import { sealedSigningKeys } from '../../src/api/signing/secret.ts'
import { signingKeys, usedSignatures } from '../../src/db/schema.ts'
import { reseal } from '../../src/resealing.ts'
import { createWeb } from '../../src/web.ts'
import { place as apiPlace, masterKey } from './api-setup.ts'
import { log } from './executions-setup.ts'

const now = () => String(Math.floor(Date.now() / 1_000))
const signatureOf = (secret: string, timestamp: string, body: string) =>
  createHmac('sha256', secret).update(`${timestamp}:${body}`).digest('base64')

async function place() {
  const here = await apiPlace()
  const { db, deploy, keyFor, send } = here
  const mail = await deploy('mail')
  const admin = await keyFor('admin')
  const signed: FastifyPluginAsync = async web => {
    web.post<{ Params: { id: string } }>('/call/:id', {
      preParsing: keepRawBody,
      preHandler: request => demandSignature(db, masterKey, request.params.id, request),
      handler: async request => ({ got: request.body }),
    })
  }
  async function serve() {
    const web = await createWeb([signed], async () => {}, log)
    onTestFinished(() => web.close())
    return web.listen('127.0.0.1', 0)
  }
  const url = await serve()

  async function generate(more = {}) {
    const { body } = await send(admin, 'POST', '/apikey/generate', {
      ...{ function_id: mail.id, validity: '1d' },
      ...more,
    })
    return body
  }
  /** `headers` in place of the right ones. */
  async function call(
    key: { id: string; secret: string },
    { body = '{"a": 1}', timestamp = now(), headers = {}, at = url, id = mail.id } = {},
  ) {
    const response = await fetch(`${at}/call/${id}`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'x-api-key': key.id, 'x-timestamp': timestamp },
        'x-signature': signatureOf(key.secret, timestamp, body),
        ...headers,
      },
      body,
    })
    // biome-ignore lint/suspicious/noExplicitAny: compared field by field
    const answer: any = await response.json()
    return { status: response.status, body: answer }
  }
  return { ...here, mail, admin, generate, call, serve }
}

test('a key is generated, shown once, listed, rolled and ended', async () => {
  const { mail, admin, generate, send, call, db } = await place()
  const made = await generate({ name: 'web shop' })
  expect(made).toEqual({
    ...{ id: expect.any(String), function_id: mail.id, name: 'web shop', validity: '1d' },
    secret: expect.stringMatching(/^sls_[\w-]{43}$/),
    ...{ created_at: expect.stringMatching(/Z$/), expires_at: expect.stringMatching(/Z$/) },
    ...{ rolled_at: null, last_used_at: null, revoked_at: null },
  })
  expect(Date.parse(made.expires_at) - Date.parse(made.created_at)).toBe(86_400_000)
  expect((await generate({ validity: 'forever' })).expires_at).toBeNull()
  const { secret, ...shown } = made
  const list = (await send(admin, 'GET', `/apikey/${mail.id}/list`)).body
  expect([list.count, list.keys[0]]).toEqual([2, shown])
  const [row] = await db.select().from(signingKeys).where(eq(signingKeys.id, made.id))
  expect(row?.sealed).not.toContain(secret)
  expect((await call(made)).status).toBe(200)
  const rolled = (await send(admin, 'PUT', `/apikey/${made.id}/roll`)).body
  expect(rolled).toMatchObject({ id: made.id, rolled_at: expect.any(String) })
  expect((await call(made, { body: '2' })).status).toBe(401)
  expect((await call(rolled, { body: '2' })).status).toBe(200)
  expect((await send(admin, 'DELETE', `/apikey/${made.id}`)).body.revoked_at).toEqual(expect.any(String))
  expect((await call(rolled, { body: '3' })).status).toBe(401)
  expect((await send(admin, 'DELETE', `/apikey/${made.id}`)).status).toBe(404)
  expect((await send(admin, 'PUT', `/apikey/${made.id}/roll`)).status).toBe(404)
})

test('a key of another function, of another environment, or with a validity that there is not, is refused', async () => {
  const { admin, send, generate, call, deploy, db } = await place()
  const key = await generate()
  const other = await deploy('other')
  expect((await call(key, { id: other.id })).body.message).toMatch(/of another function/)
  const body = { function_id: randomUUID(), validity: '1d' }
  expect((await send(admin, 'POST', '/apikey/generate', body)).status).toBe(404)
  expect((await send(admin, 'POST', '/apikey/generate', { ...body, validity: '2d' })).status).toBe(400)
  await db.update(signingKeys).set({ expiresAt: sql`now() - interval '1 second'` })
  expect((await call(key)).body.message).toMatch(/expired/)
})

describe('a signed request', () => {
  test('is taken byte for byte as it was sent, and once over all processes', async () => {
    const { generate, call, serve, db } = await place()
    const key = await generate()
    const [body, timestamp] = ['{ "b":1,\n "a": "ü" }', now()]
    expect(await call(key, { body, timestamp })).toEqual({ status: 200, body: { got: { b: 1, a: 'ü' } } })
    const again = { body, timestamp, at: await serve() }
    expect((await call(key, again)).body.message).toMatch(/accepted before/)
    const text = signatureOf(key.secret, timestamp, body).replace('=', '')
    expect((await call(key, { ...again, headers: { 'x-signature': text } })).status).toBe(401)
    const racing = await Promise.all([1, 2, 3, 4].map(() => call(key, { body: '5', timestamp })))
    expect(racing.map(one => one.status).toSorted()).toEqual([200, 401, 401, 401])
    await db.update(usedSignatures).set({ forgetAt: sql`now() - interval '1 second'` })
    expect((await call(key, { body: '6' })).status).toBe(200)
    expect(await db.select().from(usedSignatures)).toHaveLength(1)
  })

  test.each<
    [string, Parameters<Awaited<ReturnType<typeof place>>['call']>[1] & object, number, RegExp | null]
  >([
    ['without a signature', { headers: { 'x-signature': '' } }, 401, /signed requests only/],
    ['without a time', { headers: { 'x-timestamp': '' } }, 401, /signed requests only/],
    ['with a key that there is not', { headers: { 'x-api-key': 'x' } }, 401, /unknown/],
    ['of another body', { headers: { 'x-signature': 'AAAA' } }, 401, /not right/],
    ['of six minutes ago', { timestamp: String(Number(now()) - 360) }, 401, /300 seconds/],
    ['of six minutes from now', { timestamp: String(Number(now()) + 360) }, 401, /300 seconds/],
    ['of four minutes ago', { timestamp: String(Number(now()) - 240) }, 200, null],
    ['with a time in another form', { timestamp: `${now()}.0` }, 401, /300 seconds/],
  ])('%s', async (_what, more, status, message) => {
    const { generate, call } = await place()
    const answer = await call(await generate(), more)
    expect(answer.status).toBe(status)
    if (message)
      expect(answer.body).toMatchObject({ error: 'unauthorized', message: expect.stringMatching(message) })
  })
})

test('S70: another master key seals the secrets anew', async () => {
  const { generate, call, db } = await place()
  const key = await generate()
  const meanwhile = `another master key, long enough too\n${masterKey}`
  expect(await reseal(db, meanwhile, sealedSigningKeys, false)).toMatchObject({ older: 1, lost: [] })
  expect(await reseal(db, meanwhile, sealedSigningKeys, true)).toMatchObject({ current: 1, older: 0 })
  expect((await call(key)).status).toBe(500) // this process was not started anew
})
