// What GitHub sends, over a real socket into a real database: stored once with its job, or refused and nothing stored.
import { createHmac, randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import fastify from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { githubIntake, webhookPath } from '../../src/github/deliveries/intake.ts'
import { freshDatabase } from '../support/postgres.ts'

const secret = 'a webhook secret of more than 32 characters'
const log = pino({ level: 'silent' })
const push = JSON.stringify({ ref: 'refs/heads/main', repository: { id: 7 }, installation: { id: 3 } })

let database: Database

beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'test intake' })
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.db.execute(sql`truncate deliveries`)
  await database.db.execute(sql`delete from pgboss.job`)
})

async function listening(options: { secret?: string | null; on?: Database } = {}) {
  const { db } = options.on ?? database
  const jobs = createJobs(database, log)
  const core = { db, pool: db, jobs, append: async () => {} }
  const server = fastify()
  await server.register(
    githubIntake({ core, log, secret: options.secret === undefined ? secret : options.secret }),
  )
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return { url: url + webhookPath, [Symbol.asyncDispose]: () => server.close() }
}

function signed(body: string | Buffer, key = secret): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`
}

function headersFor(body: string | Buffer, changes: Record<string, string | null> = {}) {
  const headers: Record<string, string | null> = {
    'content-type': 'application/json',
    'x-github-delivery': randomUUID(),
    'x-github-event': 'push',
    'x-hub-signature-256': signed(body),
    ...changes,
  }
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

async function post(url: string, body: string | Buffer, changes: Record<string, string | null> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: headersFor(body, changes),
    body: new Uint8Array(Buffer.from(body)),
  })
  return { status: response.status, body: (await response.json()) as { code?: string; message?: string } }
}

async function stored() {
  const [row] = await database.db.execute<{ deliveries: number; jobs: number }>(sql`
    select (select count(*)::int from deliveries) as deliveries,
      (select count(*)::int from pgboss.job where name = 'delivery') as jobs`)
  return { deliveries: row?.deliveries, jobs: row?.jobs }
}

describe('a well-signed delivery', () => {
  test('M2: is stored with its job before it is answered, within a second, though nobody works them off', async () => {
    await using server = await listening()
    const began = performance.now()
    const id = randomUUID()
    expect((await post(server.url, push, { 'x-github-delivery': id })).status).toBe(202)
    expect(performance.now() - began).toBeLessThan(1_000)
    const [row] = await database.db.execute(sql`select * from deliveries`)
    expect(row).toMatchObject({ id, event: 'push', action: null, payload: push, processed_at: null })
    expect(row).toMatchObject({ repository_id: '7', installation_id: '3' })
    expect(await stored()).toEqual({ deliveries: 1, jobs: 1 })
  })

  test('M4: that comes 50 times at once is one row and one job, and every answer says accepted', async () => {
    await using server = await listening()
    const same = { 'x-github-delivery': randomUUID() }
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(server.url, push, same)))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([202]))
    expect(await stored()).toEqual({ deliveries: 1, jobs: 1 })
  })

  test('that failed before is taken up again when somebody redelivers it', async () => {
    await using server = await listening()
    const same = { 'x-github-delivery': randomUUID() }
    await post(server.url, push, same)
    await database.db.execute(sql`update deliveries set processed_at = now(), error = 'GitHub was down'`)
    await post(server.url, push, same)
    const [row] = await database.db.execute(sql`select processed_at, error from deliveries`)
    expect(row).toEqual({ processed_at: null, error: null })
    expect(await stored()).toEqual({ deliveries: 1, jobs: 2 })
  })

  test('keeps the bytes that were signed, escapes and all', async () => {
    await using server = await listening()
    const body = '{ "ref":"refs/heads/\\u0000\\u00e9é",  "commits":[] }'
    expect((await post(server.url, body)).status).toBe(202)
    const [row] = await database.db.execute(sql`select payload from deliveries`)
    expect(row?.payload).toBe(body)
  })

  test.each([
    ['an event nobody listens to', 'star', { action: 'created' }],
    ['an action nobody listens to', 'pull_request', { action: 'labeled' }],
    ['an event GitHub does not have', 'no_such_event', {}],
    ['an event named like a method of objects', 'constructor', {}],
    ['the ping', 'ping', { zen: 'Keep it logically awesome.' }],
  ])('M6: of %s is accepted and leaves no trace', async (_name, event, payload) => {
    await using server = await listening()
    expect((await post(server.url, JSON.stringify(payload), { 'x-github-event': event })).status).toBe(202)
    expect(await stored()).toEqual({ deliveries: 0, jobs: 0 })
  })
})

describe('refused, and nothing stored:', () => {
  test.each([
    ['no signature', { 'x-hub-signature-256': null }, 401],
    ['a wrong one', { 'x-hub-signature-256': signed('other') }, 401],
    ['another secret', { 'x-hub-signature-256': signed(push, 'development') }, 401],
    [
      'sha1 only',
      {
        'x-hub-signature-256': null,
        'x-hub-signature': `sha1=${createHmac('sha1', secret).update(push).digest('hex')}`,
      },
      401,
    ],
    ['no delivery id', { 'x-github-delivery': null }, 400],
    ['a delivery id with a quote', { 'x-github-delivery': "a'b" }, 400],
    ['no event', { 'x-github-event': null }, 400],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['no content type', { 'content-type': null }, 415],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
  ])('M1: %s', async (_name, changes, status) => {
    await using server = await listening()
    const answer = await post(server.url, push, changes)
    expect(answer.status).toBe(status)
    expect(answer.body.message).not.toBe('')
    expect(await stored()).toEqual({ deliveries: 0, jobs: 0 })
  })

  test.each([
    ['broken JSON', '{"ref":'],
    ['an array', '[]'],
    ['a text', '"push"'],
    ['null', 'null'],
    ['nothing at all', ''],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s, although it was signed', async (_name, body) => {
    await using server = await listening()
    expect((await post(server.url, body)).status).toBe(400)
    expect(await stored()).toEqual({ deliveries: 0, jobs: 0 })
  })

  test('a body of 26 MB, signed or not', async () => {
    await using server = await listening()
    const body = Buffer.from(JSON.stringify({ filler: 'x'.repeat(26 * 1024 * 1024) }))
    expect((await post(server.url, body)).status).toBe(413)
    expect((await post(server.url, body, { 'x-hub-signature-256': null })).status).toBe(413)
    expect(await stored()).toEqual({ deliveries: 0, jobs: 0 })
  })

  test('a body of 26 MB that does not say how long it is', async () => {
    await using server = await listening()
    const chunk = new Uint8Array(1024 * 1024).fill(32)
    const body = ReadableStream.from(Array.from({ length: 26 }, () => chunk))
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: headersFor(push),
      body,
      duplex: 'half',
    }
    const status = await fetch(server.url, init).then(response => response.status)
    expect(status).toBe(413)
    expect(await stored()).toEqual({ deliveries: 0, jobs: 0 })
  })
})

describe('what GitHub must see as a failure, so that it can deliver again:', () => {
  test('no App is configured: 503 with the remedy', async () => {
    await using server = await listening({ secret: null })
    const answer = await post(server.url, push)
    expect(answer.status).toBe(503)
    expect(answer.body.message).toContain('WEBHOOK_SECRET')
  })

  test('M8: the database cannot be reached: 503', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:1/nothing', { max: 1, name: 'test' })
    await using server = await listening({ on: gone })
    expect((await post(server.url, push)).status).toBe(503)
    await gone.close()
  })
})
