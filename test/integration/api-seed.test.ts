// The second seed's examples, field by field, in the order of its integration example: over real HTTP, with real builds of what was
// uploaded. Then what the seed leaves open about deploying.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { makeKey } from '../../src/api/keys/key.ts'
import { insertKey } from '../../src/api/keys/keys-store.ts'
import { lifecycleApi } from '../../src/api/lifecycle/lifecycle-api.ts'
import { createUploadEnvReader } from '../../src/builds/uploads/upload-env.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createPayloads } from '../../src/executions/payloads.ts'
import { createLog } from '../../src/log.ts'
import { createWeb } from '../../src/web.ts'
import { archive, type Member, tarball } from '../support/archives.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'seed test' })
})
afterAll(() => database.close())

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/)
const code = (body: string): Member[] => [
  { path: 'package.json', content: JSON.stringify({ name: 'mine', type: 'module', main: 'index.js' }) },
  { path: 'index.js', content: `export default async function anything() { ${body} }\n` },
]

async function setup() {
  const builder = await createTestBuilder(database.db)
  const environment = await builder.environment()
  const core = { ...builder.core, payloads: createPayloads(database.db, builder.artifacts) }
  const { masterKey, artifacts } = builder
  const oidc = { issuer: 'http://127.0.0.1:1', audience: () => '' }
  const api = lifecycleApi({ core, masterKey, artifacts, oidc, log: createLog('silent') })
  const web = await createWeb([api], async () => {}, createLog('silent'))
  const url = await web.listen('127.0.0.1', 0)
  onTestFinished(async () => {
    await web.close()
    await builder.close()
  })
  const { key, ...made } = makeKey()
  const { repositoryId, id: environmentId } = environment
  const about = { repositoryId, environmentId, role: 'admin', name: 'ci', validSeconds: null } as const
  await insertKey(database.db, { ...about, ...made })
  async function send(method: string, path: string, body?: unknown, headers = {}) {
    const isForm = body instanceof FormData
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: compared field by field
    const answer: any = await response.json()
    return { status: response.status, body: answer }
  }
  const deploy = (id: string, content: Buffer, env?: unknown, headers = {}) => {
    const form = new FormData()
    form.set('function_id', id)
    form.set('archive', new Blob([new Uint8Array(content)]), 'archive.tar.gz')
    if (env !== undefined) form.set('env', JSON.stringify(env))
    return send('POST', '/functions/deploy', form, headers)
  }
  const init = async (name: string) => (await send('POST', '/functions/init', { name })).body.id as string
  return { ...builder, environment, send, deploy, init }
}

const patient = { timeout: 120_000 }

test('the integration example, in its order', patient, async () => {
  const { send, deploy, work, buildOf } = await setup()
  const initialised = await send('POST', '/functions/init', { name: 'my-function', skip_signing: false })
  expect(initialised).toEqual({
    status: 201,
    body: {
      message: 'Function initialized successfully',
      id: uuid,
      name: 'my-function',
      status: 'init',
      skip_signing: false,
      created_at: time,
    },
  })
  const { id } = initialised.body

  for (const number of [1, 2, 3]) {
    const deployed = await deploy(id, archive(...code(`return ${number}`)), { KEY: 'value' })
    expect(deployed).toEqual({
      status: 202,
      body: {
        message: 'Function deployment started',
        id,
        name: 'my-function',
        status: 'building',
        build_id: uuid,
      },
    })
    expect((await send('GET', `/functions/${id}`)).body.status).toBe('building')
    await work(deployed.body.build_id)
    expect(await buildOf(deployed.body.build_id)).toMatchObject({ state: 'succeeded', failure: null })
    expect((await send('GET', `/functions/${id}`)).body.status).toBe('active')
  }
  expect(await send('POST', '/functions/init', { name: 'my-function' })).toEqual({
    status: 200,
    body: {
      message: 'Function already exists',
      id,
      name: 'my-function',
      status: 'active',
      skip_signing: false,
      deployment_version: 3,
      created_at: time,
      already_exists: true,
    },
  })

  const deployment = (version: number) => ({
    uuid,
    version,
    image_tag: null,
    s3_key: `functions/${id}/v${version}.tar.gz`,
    status: version === 3 ? 'active' : 'inactive',
    is_active: version === 3,
    created_at: time,
    deployed_at: time,
  })
  expect(await send('GET', `/functions/${id}/deployments?page=1&per_page=10`)).toEqual({
    status: 200,
    body: {
      function_uuid: id,
      function_name: 'my-function',
      function_status: 'active',
      page: 1,
      per_page: 10,
      count: 3,
      total_pages: 1,
      has_next: false,
      deployments: [deployment(3), deployment(2), deployment(1)],
    },
  })

  const rolledBack = { uuid: id, name: 'my-function', status: 'active', active_version: 2 }
  expect(await send('POST', `/functions/${id}/rollback`, { version: 2 })).toEqual({
    status: 200,
    body: { message: 'Function rolled back successfully', function: rolledBack },
  })

  expect((await send('DELETE', `/functions/${id}`)).status).toBe(200)
  const about = { function_uuid: id, function_name: 'my-function' }
  const info = {
    id: uuid,
    image_tag: null,
    reason: 'user_requested',
    deletion_date: time,
    days_remaining: 7,
    scheduled_at: time,
  }
  expect((await send('GET', '/functions/pending-deletions')).body).toEqual({
    pending_deletions: [{ ...info, ...about, function_status: 'pending_deletion' }],
    count: 1,
  })
  const status = await send('GET', `/functions/${id}/deletion-status`)
  expect(status.body).toEqual({ ...about, has_pending_deletion: true, deletion_info: info })
  expect(await send('POST', `/functions/${id}/cancel-deletion`)).toEqual({
    status: 200,
    body: {
      success: true,
      message: 'Deletion cancelled successfully',
      function: { uuid: id, name: 'my-function', status: 'active' },
    },
  })
})

describe('deploying', patient, () => {
  test('a failed build leaves the version that is live', async () => {
    const { send, deploy, work, buildOf, init } = await setup()
    const id = await init('mail')
    await work((await deploy(id, archive(...code('return 1')))).body.build_id)
    const broken = await deploy(id, archive(...code('return ]')))
    await work(broken.body.build_id)
    expect((await buildOf(broken.body.build_id)).failure).toMatchObject({ code: 'compile_failed' })
    expect((await send('GET', `/functions/${id}`)).body).toMatchObject({
      status: 'active',
      deployment_version: 1,
    })
  })

  test('a newer archive takes the place of one that is built; each version has its own variables', async () => {
    const { deploy, work, buildOf, init, versions, environment, masterKey, send } = await setup()
    const id = await init('mail')
    const older = await deploy(id, archive(...code('return 1')), { KEY: 'one' })
    const newer = await deploy(id, archive(...code('return 1')), { KEY: 'two' })
    await work(newer.body.build_id)
    expect((await buildOf(older.body.build_id)).state).toBe('superseded')
    expect(await versions(environment.id)).toEqual([{ name: 'mail', number: 1 }])
    const [live] = (await send('GET', `/functions/${id}/deployments`)).body.deployments
    expect(await createUploadEnvReader(database.db, masterKey)(live.uuid)).toEqual({ KEY: 'two' })
  })

  test('a push leaves it alone, and code of its name takes it over', async () => {
    const place = await setup()
    const { deploy, work, init, send, environment } = place
    const id = await init('mail')
    await work((await deploy(id, archive(...code('return 1')))).body.build_id)
    await place.build(environment.id, { ...bareFiles, 'defer/other.js': bare('other') })
    expect((await send('GET', `/functions/${id}`)).body).toMatchObject({ status: 'active', archived: false })
    await place.build(environment.id, { 'defer/mail.js': bare('mail') })
    expect((await send('GET', `/functions/${id}`)).body).toMatchObject({ deployment_version: 2 })
    expect(await deploy(id, archive(...code('return 1')))).toMatchObject({
      status: 409,
      body: { error: 'conflict', details: { reason: 'comes_from_code' } },
    })
  })

  test('the same Idempotency-Key gives the first answer, and no second build', async () => {
    const { deploy, send, init } = await setup()
    const id = await init('mail')
    const key = { 'idempotency-key': 'one' }
    const first = await deploy(id, archive(...code('return 1')), { A: 'b' }, key)
    expect(first.status).toBe(202)
    expect(await deploy(id, archive(...code('return 1')), { A: 'b' }, key)).toEqual(first)
    expect(await deploy(id, archive(...code('return 2')), { A: 'b' }, key)).toMatchObject({ status: 409 })
    const again = { 'idempotency-key': 'two' }
    const made = await send('POST', '/functions/init', { name: 'new' }, again)
    expect(await send('POST', '/functions/init', { name: 'new' }, again)).toEqual(made)
  })

  test('what cannot be taken is refused at once, with the reason', async () => {
    const { deploy, send, init } = await setup()
    const id = await init('mail')
    const refusals: [Buffer, unknown, string | undefined][] = [
      [archive({ path: '../x', content: 'x' }), undefined, 'path_climbs'],
      [archive({ path: 'x', type: '2', linkpath: '/etc' }), undefined, 'link_absolute'],
      [archive({ path: '.npmrc', content: 'x' }), undefined, 'npm_settings'],
      [gzipSync(tarball(...code('')).subarray(0, 700)), undefined, 'damaged'],
      [Buffer.from('nothing'), undefined, 'damaged'],
      [archive({ path: 'index.js', content: 'x' }), undefined, 'package_json_missing'],
      [archive({ path: 'package.json', content: '{}' }), undefined, 'entry_missing'],
      [archive(...code('')), { NODE_OPTIONS: '--inspect' }, undefined],
      [archive(...code('')), ['A'], undefined],
    ]
    for (const [content, env, reason] of refusals) {
      const { status, body } = await deploy(id, content, env)
      expect([status, body.error, body.details?.reason]).toEqual([422, 'invalid', reason])
    }
    expect((await deploy('550e8400-e29b-41d4-a716-446655440000', archive(...code('')))).status).toBe(404)
    expect((await send('POST', '/functions/deploy', { function_id: id })).status).toBe(415)
    expect((await deploy('x', archive(...code('')))).status).toBe(400)
    expect((await send('POST', '/functions/init', { name: 'a b' })).status).toBe(400)
    await send('DELETE', `/functions/${id}`)
    expect((await deploy(id, archive(...code('')))).body.details.reason).toBe('pending_deletion')
  })
})
