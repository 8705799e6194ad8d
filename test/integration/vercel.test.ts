// sluice vercel against the lifecycle API and an emulated Vercel: what a project is given, and what of it is copied.
import { PassThrough } from 'node:stream'
import { createEmulator } from 'emulate'
import { expect, onTestFinished, test } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { runCommand } from '../../src/command-line/run.ts'
import { readVariables } from '../../src/environments/variables.ts'
import { createWeb } from '../../src/web.ts'
import { insertEnvironment, insertPreview } from '../support/place.ts'
import { masterKey, place } from './api-setup.ts'
import { log } from './executions-setup.ts'

const vercelToken = 'vercel_test_token'

async function world() {
  const here = await place()
  const web = await createWeb([publicApi({ core: here.core, masterKey, log })], async () => {}, log)
  const calls = await web.listen('127.0.0.1', 0)
  onTestFinished(() => web.close())
  const staging = await insertEnvironment(here.db, here.repository.id, {
    ...{ name: 'staging', branch: 'develop', production: false },
  })
  const preview = await insertPreview(here.db, here.repository.id, 7)
  const one = await here.deploy('greet')
  await here.db.execute(
    `insert into functions (environment_id, name) values ('${staging.id}', 'greet'), ('${preview.id}', 'greet')`,
  )
  const vercel = await createEmulator({
    service: 'vercel',
    port: 0,
    seed: {
      tokens: { [vercelToken]: { login: 'developer', scopes: [] } },
      vercel: {
        users: [{ username: 'developer' }],
        teams: [{ slug: 'acme' }],
        projects: [{ name: 'shop', team: 'acme' }],
      },
    },
  })
  onTestFinished(() => vercel.close())
  const key = await here.keyFor('admin', { environmentId: null })
  async function sluice(...args: string[]) {
    const [out, err] = [new PassThrough(), new PassThrough()]
    const streams = { stdin: process.stdin, stdout: out, stderr: err }
    const env = {
      SLUICE_SERVER: here.serverUrl,
      SLUICE_KEY: key,
      VERCEL_TOKEN: vercelToken,
      VERCEL_API_URL: vercel.url,
      HOME: '/nonexistent',
    }
    const code = await runCommand('vercel', [...args, '--project', 'shop', '--team', 'acme'], {
      streams: streams as never,
      env,
    })
    return { code, out: String(out.read() ?? '') }
  }
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${vercel.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${vercelToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return (await response.json()) as {
      envs: { key: string; value: string; target: string[]; gitBranch: string | null; id: string }[]
    }
  }
  const variables = async () => (await ask('GET', '/v10/projects/shop/env?slug=acme&decrypt=true')).envs
  return {
    ...here,
    ...{ staging, preview, one, sluice, variables },
    add: (key: string, value: string, target: string[], more: object = {}) =>
      ask('POST', '/v10/projects/shop/env?slug=acme', { key, value, target, type: 'encrypted', ...more }),
    change: (id: string, value: string) => ask('PATCH', `/v9/projects/shop/env/${id}?slug=acme`, { value }),
    async valueAt(key: string, target: string, branch: string | null = null) {
      const found = (await variables()).find(
        one => one.key === key && one.target.includes(target) && (one.gitBranch || null) === branch,
      )
      return found?.value
    },
    /** As an application with that token calls: where it landed, or what it was told. */
    async call(token: string, branch?: string) {
      const response = await fetch(`${calls}/public/v2/executions`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(branch ? { 'x-branch': branch } : {}),
        },
        body: JSON.stringify({ function_name: 'greet' }),
      })
      const { data, error } = (await response.json()) as { data?: { function_id: string }; error?: string }
      if (!data) return error
      const [row] = await here.db.execute<{ name: string }>(
        `select e.name from functions f join environments e on e.id = f.environment_id where f.id = '${data.function_id}'`,
      )
      return row?.name
    },
  }
}

test('production calls production, a preview the environment of its branch and never production', async () => {
  const { sluice, valueAt, call, serverUrl, environment } = await world()
  const linked = await sluice('link', '--production', environment.name, '--preview')
  expect(linked.out).toContain('SLUICE_TOKEN of production: set')
  expect(await valueAt('SLUICE_URL', 'production')).toBe(serverUrl)
  const [production, preview] = [
    (await valueAt('SLUICE_TOKEN', 'production')) ?? '',
    (await valueAt('SLUICE_TOKEN', 'preview')) ?? '',
  ]
  expect(linked.out).not.toContain(production)
  expect(await call(production)).toBe('production')
  expect(await call(preview, 'topic')).toBe('pr-7')
  expect(await call(preview, 'develop')).toBe('staging')
  expect(await call(preview, 'main')).toBe('forbidden')
  const again = await sluice('link', '--production', environment.name, '--preview')
  expect(again.out).toContain('SLUICE_TOKEN of production: there already')
  expect(await valueAt('SLUICE_TOKEN', 'production')).toBe(production)
  await sluice('link', '--production', environment.name, '--renew')
  expect(await valueAt('SLUICE_TOKEN', 'production')).not.toBe(production)
  expect(await valueAt('SLUICE_TOKEN', 'preview')).toBe(preview)
})

test('a branch of its own calls the environment that is named for it', async () => {
  const { sluice, valueAt, call } = await world()
  await sluice('link', '--branch', 'develop=staging')
  expect(await call((await valueAt('SLUICE_TOKEN', 'preview', 'develop')) ?? '')).toBe('staging')
})

test('chosen variables are copied and kept in step; what cannot be is told, without a value', async () => {
  const { sluice, add, change, variables, db, environment, repository } = await world()
  await add('DATABASE_URL', 'postgres://production', ['production'])
  await add('STRIPE_KEY', 'hush', ['production'], { type: 'sensitive' })
  await add('NODE_OPTIONS', '--inspect', ['production'])
  await add('OF_PREVIEWS', 'no', ['preview'])
  await add('SLUICE_URL', 'https://elsewhere.example.com', ['production'])
  const pull = (...more: string[]) => sluice('pull', '-e', environment.name, ...more)
  const given = async () =>
    (await readVariables(db, masterKey, { id: environment.id, repositoryId: repository.id })).run.values
  const dry = await pull('--dry-run')
  expect(dry.out).toContain('DATABASE_URL')
  expect(await given()).toEqual({})
  const first = await pull()
  expect(await given()).toEqual({ DATABASE_URL: 'postgres://production' })
  expect(first.out).toMatch(/STRIPE_KEY.*nobody/)
  expect(first.out).toMatch(/NODE_OPTIONS/)
  expect(first.out).not.toContain('postgres://production')
  const id = (await variables()).find(one => one.key === 'DATABASE_URL')?.id
  await change(id ?? '', 'postgres://moved')
  expect((await pull()).out).toMatch(/changed +DATABASE_URL/)
  expect(await given()).toEqual({ DATABASE_URL: 'postgres://moved' })
  await add('OTHER', 'another', ['production'])
  expect((await pull('--only', 'DATABASE_URL,NOPE')).out).toMatch(/unchanged +DATABASE_URL[\s\S]*NOPE/)
  expect(await given()).toEqual({ DATABASE_URL: 'postgres://moved' })
})

test('what is missing is said', async () => {
  const { sluice } = await world()
  await expect(sluice('link')).rejects.toThrow('Say what is to be linked')
  await expect(sluice('link', '--branch', 'develop')).rejects.toThrow('develop=staging')
})
