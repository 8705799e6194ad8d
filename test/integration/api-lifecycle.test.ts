// The lifecycle API over real HTTP: the second seed's requests and answers field by field, and who may call what, for every route
// there is.
import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { KeyRole } from '../../src/api/keys/key.ts'
import { insertSigningKey } from '../../src/api/signing/signing-store.ts'
import { createToken } from '../../src/api/tokens.ts'
import { apiKeys, builds, events, tokens } from '../../src/db/schema.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { place } from './api-setup.ts'

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

describe('the second seed, in its order', () => {
  test('versions newest first, back to an earlier one, a deletion looked at and taken back', async () => {
    const { deploy, keyFor, send, environment, db } = await place()
    await deploy('my-function')
    await deploy('my-function', {}, { code: 'my-function 2' })
    const { id } = await deploy('my-function', {}, { code: 'my-function 3' })
    const key = await keyFor('admin')

    const history = await send(key, 'GET', `/functions/${id}/deployments?page=1&per_page=2`)
    const version = (number: number, status: 'active' | 'inactive') => ({
      uuid: expect.any(String),
      version: number,
      image_tag: null,
      s3_key: `functions/${id}/v${number}.tar.gz`,
      status,
      is_active: status === 'active',
      created_at: time,
      deployed_at: time,
    })
    expect(history).toEqual({
      status: 200,
      body: {
        function_uuid: id,
        function_name: 'my-function',
        function_status: 'active',
        page: 1,
        per_page: 2,
        count: 3,
        total_pages: 2,
        has_next: true,
        deployments: [version(3, 'active'), version(2, 'inactive')],
      },
    })
    const last = await send(key, 'GET', `/functions/${id}/deployments?page=2&per_page=2`)
    expect(last.body).toMatchObject({ has_next: false, deployments: [{ version: 1 }] })

    expect(await send(key, 'POST', `/functions/${id}/rollback`, { version: 2 })).toEqual({
      status: 200,
      body: {
        message: 'Function rolled back successfully',
        function: { uuid: id, name: 'my-function', status: 'active', active_version: 2 },
      },
    })
    const after = await send(key, 'GET', `/functions/${id}/deployments`)
    expect(after.body.deployments.map((one: { status: string }) => one.status)).toEqual([
      'inactive',
      'active',
      'inactive',
    ])

    const about = { function_uuid: id, function_name: 'my-function' }
    const info = {
      id: expect.any(String),
      image_tag: null,
      reason: 'user_requested',
      deletion_date: time,
      days_remaining: 7,
      scheduled_at: time,
    }
    expect((await send(key, 'GET', `/functions/${id}/deletion-status`)).body).toEqual({
      ...about,
      has_pending_deletion: false,
      deletion_info: null,
    })
    expect((await send(key, 'DELETE', `/functions/${id}`)).body).toMatchObject({
      success: true,
      function: { uuid: id, status: 'pending_deletion' },
    })
    expect((await send(key, 'GET', '/functions/pending-deletions')).body).toEqual({
      pending_deletions: [{ ...info, ...about, function_status: 'pending_deletion' }],
      count: 1,
    })
    expect((await send(key, 'GET', `/functions/${id}/deletion-status`)).body).toEqual({
      ...about,
      has_pending_deletion: true,
      deletion_info: info,
    })
    expect(await send(key, 'POST', `/functions/${id}/cancel-deletion`)).toEqual({
      status: 200,
      body: {
        success: true,
        message: 'Deletion cancelled successfully',
        function: { uuid: id, name: 'my-function', status: 'active' },
      },
    })
    expect(await send(key, 'POST', `/functions/${id}/cancel-deletion`)).toMatchObject({
      status: 409,
      body: { error: 'conflict', details: { reason: 'not_scheduled' } },
    })
    const done = await db.select().from(events).where(eq(events.environmentId, environment.id))
    expect(new Set(done.map(event => event.actor))).toEqual(new Set(['ci']))
  })

  test('what holds a function is seen, and lifted', async () => {
    const { deploy, keyFor, send, environment } = await place()
    const { id } = await deploy('mail')
    const key = await keyFor('write')
    const shown = {
      id,
      name: 'mail',
      status: 'active',
      skip_signing: false,
      deployment_version: 1,
      created_at: time,
      environment: environment.name,
      paused: false,
      archived: false,
    }
    expect((await send(key, 'GET', '/functions')).body).toEqual({ functions: [shown], count: 1 })
    const until = new Date(Date.now() + 3_600_000).toISOString()
    expect((await send(key, 'POST', `/functions/${id}/pause`, { reason: 'too loud', until })).status).toBe(
      200,
    )
    expect((await send(key, 'POST', `/functions/${id}/archive`)).status).toBe(200)
    expect((await send(key, 'GET', `/functions/${id}`)).body).toEqual({
      ...shown,
      paused: true,
      archived: true,
    })
    expect((await send(key, 'POST', `/functions/${id}/restore`)).status).toBe(200)
    expect((await send(key, 'POST', `/functions/${id}/resume`)).status).toBe(200)
    expect((await send(key, 'GET', `/functions/${id}`)).body).toEqual(shown)
  })
})

describe('who may call', () => {
  test('every route: nobody without a key, none of another repository, none below its role', async () => {
    const { deploy, call, keyFor, send, db, environment } = await place()
    const mail = await deploy('mail')
    await createToken(db, environment.id)
    const [apikey, sealed] = [randomUUID(), 'never opened here']
    await insertSigningKey(db, { id: apikey, functionId: mail.id, name: null, sealed, validity: '1d' })
    const ids: Record<string, string | undefined> = {
      apikey,
      functions: mail.id,
      executions: (await call(mail)).id,
      builds: (await db.select().from(builds))[0]?.id,
      tokens: (await db.select().from(tokens))[0]?.id,
    }
    const other = await insertRepository(db)
    const elsewhere = await insertEnvironment(db, other.id)
    const keys = {
      read: await keyFor('read'),
      write: await keyFor('write'),
      admin: await keyFor('admin'),
      other: await keyFor('admin', { repositoryId: other.id, environmentId: elsewhere.id }),
      expired: await keyFor('admin', { validSeconds: -1 }),
      revoked: await keyFor('admin', { name: 'revoked' }),
    }
    await db.update(apiKeys).set({ revokedAt: sql`now()` }).where(eq(apiKeys.name, 'revoked'))
    await keyFor('read', { name: 'to be ended' })
    const [ended] = await db.select().from(apiKeys).where(eq(apiKeys.name, 'to be ended'))
    ids.keys = ended?.id
    const whole = await keyFor('admin', { environmentId: null })
    const routes = (await declaredRoutes(send)).filter(
      ({ method, path }) => !withoutKey.includes(`${method} ${path}`),
    )
    expect(routes.length).toBeGreaterThan(10)
    for (const { method, path } of routes) {
      const at = path
        .replace('{id}', ids[path.split('/')[1] ?? ''] ?? 'say its id here')
        .replace('{name}', 'A')
        .replace('{function_id}', mail.id)
      const status = async (key: string | null) =>
        (await send(key, method, at, bodyOf(method, path, mail.id))).status
      const needed = roleOf(method, path)
      expect([path, await status(null)]).toEqual([path, 401])
      expect([path, await status('slk_nothing')]).toEqual([path, 401])
      expect([path, await status(keys.expired)]).toEqual([path, 401])
      expect([path, await status(keys.revoked)]).toEqual([path, 401])
      if (/\{(function_)?id\}/.test(path)) expect([path, await status(keys.other)]).toEqual([path, 404])
      if (needed !== 'read') expect([path, await status(keys.read)]).toEqual([path, 403])
      if (needed === 'admin') expect([path, await status(keys.write)]).toEqual([path, 403])
      // What reaches all environments is not made with a key of one.
      if (path === '/repository-tokens') expect(await status(keys.admin)).toBe(403)
      const key = path === '/repository-tokens' ? whole : keys[needed]
      // A form is not sent here, nor a signature: they are asked for once everything else was right.
      const good = path === '/functions/deploy' ? [415] : path.endsWith('/invoke') ? [401] : [200, 201, 409]
      expect([path, good]).toEqual([path, expect.arrayContaining([await status(key)])])
    }
  })

  test('a key of a whole repository names the environment; a key of one stays in it', async () => {
    const { deploy, keyFor, send, environment, db } = await place()
    const { id } = await deploy('mail')
    const staging = await insertEnvironment(db, environment.repositoryId, { name: 'staging' })
    const whole = await keyFor('read', { environmentId: null })
    expect((await send(whole, 'GET', '/functions')).status).toBe(400)
    expect((await send(whole, 'GET', `/functions/${id}?environment=${environment.name}`)).status).toBe(200)
    const header = { 'x-environment': environment.name }
    expect((await send(whole, 'GET', `/functions/${id}`, undefined, header)).status).toBe(200)
    expect((await send(whole, 'GET', '/functions?environment=staging')).body).toEqual({
      functions: [],
      count: 0,
    })
    const one = await keyFor('read')
    expect((await send(one, 'GET', `/functions?environment=${staging.name}`)).status).toBe(404)
  })
})

test.each<[string, string, unknown, number]>([
  ['a version that is no number', '/rollback', { version: '2' }, 400],
  ['a field that there is not', '/rollback', { version: 2, force: true }, 400],
  ['a version that there is not', '/rollback', { version: 9 }, 409],
  ['an end in the past', '/pause', { until: '2020-01-01T00:00:00Z' }, 409],
])('%s is refused with what is wrong', async (_what, path, body, status) => {
  const { deploy, keyFor, send } = await place()
  const { id } = await deploy('mail')
  const answer = await send(await keyFor('write'), 'POST', `/functions/${id}${path}`, body)
  expect(answer).toMatchObject({ status, body: { error: expect.any(String), message: expect.any(String) } })
})

test('an id that is none, and one of nobody, are both not found or malformed, never an error of ours', async () => {
  const { keyFor, send } = await place()
  const key = await keyFor('read')
  expect((await send(key, 'GET', `/functions/${randomUUID()}`)).status).toBe(404)
  expect((await send(key, 'GET', '/functions/x')).status).toBe(400)
})

/** These give a key, for another proof of who asks: api-oidc.test.ts. */
const withoutKey: readonly string[] = ['POST /oidc/exchange']

/** As the OpenAPI document has them: a route that is not in it would not be asked here, so all of them are. */
async function declaredRoutes(send: Awaited<ReturnType<typeof place>>['send']) {
  const { body } = await send(null, 'GET', '/openapi.json')
  expect(body.openapi).toBe('3.1.0')
  return Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => ({
      method: method.toUpperCase(),
      path: path.replace(/^\/api/, ''),
    })),
  )
}

/** Every route is named here with the least role it may ask for: a new one fails until it is. */
function roleOf(method: string, path: string): KeyRole {
  const known: Record<string, KeyRole> = {
    'GET /functions': 'read',
    'GET /functions/pending-deletions': 'read',
    'GET /functions/{id}': 'read',
    'GET /functions/{id}/deployments': 'read',
    'GET /functions/{id}/deletion-status': 'read',
    'POST /functions/{id}/rollback': 'write',
    'POST /functions/{id}/pause': 'write',
    'POST /functions/{id}/resume': 'write',
    'POST /functions/{id}/archive': 'write',
    'POST /functions/{id}/restore': 'write',
    'POST /functions/{id}/cancel-deletion': 'write',
    'DELETE /functions/{id}': 'admin',
    'POST /functions/init': 'write',
    'POST /functions/deploy': 'write',
    'POST /functions/{id}/invoke': 'write',
    'GET /functions/{id}/logs': 'read',
    'GET /functions/{id}/insights': 'read',
    'GET /executions': 'read',
    'GET /executions/{id}': 'read',
    'GET /executions/{id}/payload': 'read',
    'GET /executions/{id}/logs': 'read',
    'POST /executions/{id}/cancel': 'write',
    'POST /executions/{id}/rerun': 'write',
    'GET /builds': 'read',
    'GET /builds/{id}': 'read',
    'GET /builds/{id}/log': 'read',
    'GET /environments': 'read',
    'GET /tokens': 'read',
    'POST /tokens': 'admin',
    'DELETE /tokens/{id}': 'admin',
    'POST /repository-tokens': 'admin',
    'GET /keys': 'admin',
    'POST /keys': 'admin',
    'DELETE /keys/{id}': 'admin',
    'POST /apikey/generate': 'admin',
    'GET /apikey/{function_id}/list': 'read',
    'PUT /apikey/{id}/roll': 'admin',
    'DELETE /apikey/{id}': 'admin',
    'GET /variables': 'read',
    'PUT /variables/{name}': 'write',
    'DELETE /variables/{name}': 'write',
    'POST /variables/import': 'write',
  }
  const role = known[`${method} ${path}`]
  if (!role) throw new Error(`say here who may call ${method} ${path}`)
  return role
}

function bodyOf(method: string, path: string, functionId: string): unknown {
  if (path === '/apikey/generate') return { function_id: functionId, validity: '1d' }
  if (path.endsWith('/invoke')) return { body: 1, timeout_ms: 0 }
  if (path === '/functions/init') return { name: 'new' }
  if (path.endsWith('/rollback')) return { version: 1 }
  if (method === 'POST' && ['/keys', '/repository-tokens'].includes(path)) return {}
  if (path === '/variables/import') return { variables: [{ name: 'B', value: 'b' }] }
  if (method === 'PUT' && path === '/variables/{name}') return { value: 'a' }
  return method === 'POST' && path.endsWith('/pause') ? {} : undefined
}
