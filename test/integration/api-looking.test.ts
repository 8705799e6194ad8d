// What the API tells of executions, builds, environments, tokens and variables, and what can be done to them, over real HTTP.
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { findToken } from '../../src/api/store.ts'
import { hashOf } from '../../src/api/tokens.ts'
import { insertLogLines } from '../../src/builds/store.ts'
import { builds, variables } from '../../src/db/schema.ts'
import { readVariables } from '../../src/environments/variables.ts'
import { partsOf } from '../../src/executions/log-parts.ts'
import { insertParts } from '../../src/executions/log-store.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { masterKey, place } from './api-setup.ts'
import { only } from './executions-setup.ts'

const secret = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'

describe('executions', () => {
  test('are listed newest first in pages, by function and status', async () => {
    const { deploy, call, keyFor, send } = await place()
    const [mail, bill] = [await deploy('mail'), await deploy('bill')]
    const ids = []
    for (const one of [mail, bill, mail]) ids.push((await call(one)).id)
    const key = await keyFor('read')
    const seen = async (query: string) => {
      const { body } = await send(key, 'GET', `/executions${query}`)
      return { ids: body.executions.map((one: { id: string }) => one.id), next: body.next }
    }
    expect(await seen('')).toEqual({ ids: ids.toReversed(), next: null })
    const first = await seen('?per_page=2')
    expect(first.ids).toEqual([ids[2], ids[1]])
    expect(await seen(`?before=${first.next}`)).toEqual({ ids: [ids[0]], next: null })
    expect((await seen('?function=mail')).ids).toEqual([ids[2], ids[0]])
    expect((await seen('?status=failed')).ids).toEqual([])
    expect((await send(key, 'GET', '/executions?before=made-up')).status).toBe(400)
    expect((await send(key, 'GET', '/executions?function=none')).status).toBe(404)
    expect((await send(key, 'GET', '/executions?status=odd')).status).toBe(400)
  })

  test('tell their attempts, what they were given and what they failed with; can be run again, cancelled', async () => {
    const { deploy, call, claim, end, keyFor, send } = await place()
    const mail = await deploy('mail')
    const { id } = await call(mail, { to: 'ada' })
    const error = { name: 'Error', message: 'no route', stack: 'at x', cause: null }
    await end(only((await claim(1)).executions), { kind: 'threw', error })
    const key = await keyFor('write')
    expect((await send(key, 'GET', `/executions/${id}`)).body).toMatchObject({
      id,
      function_name: 'mail',
      status: 'failed',
      executed_by: 'api',
      error: { message: 'no route' },
      error_code: 'ER0000',
      attempts: [{ number: 1, status: 'failed', reason: 'first' }],
    })
    expect((await send(key, 'GET', `/executions/${id}/payload`)).body).toEqual({
      arguments: [{ to: 'ada' }],
      result: null,
    })
    const again = await send(key, 'POST', `/executions/${id}/rerun`)
    expect(again).toMatchObject({ status: 200, body: { status: 'queued', function_name: 'mail' } })
    const cancelled = await send(key, 'POST', `/executions/${again.body.id}/cancel`)
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect((await send(key, 'POST', `/executions/${again.body.id}/cancel`)).status).toBe(409)
    expect((await send(key, 'GET', `/executions/${randomUUID()}/payload`)).status).toBe(404)
  })

  test('S71: say what they said, from where the asker is, without values of variables', async () => {
    const { deploy, call, db, keyFor, send } = await place()
    const { id } = await call(await deploy('mail'))
    const key = await keyFor('write')
    const say = (batch: number, text: string) =>
      insertParts(
        db,
        partsOf({ executionId: id, attempt: 1, batch, lines: [{ level: 'log', atMs: 0, text }] }),
      )
    await say(0, `the key is ${secret}`)
    await send(key, 'PUT', '/variables/API_KEY', { value: secret })
    const first = await send(key, 'GET', `/executions/${id}/logs`)
    expect(first.body).toEqual({
      lines: [{ attempt: 1, at: '1970-01-01T00:00:00.000Z', level: 'log', text: 'the key is ***' }],
      position: '1-0',
      more: false,
      status: 'queued',
    })
    await say(1, 'more')
    const next = await send(key, 'GET', `/executions/${id}/logs?after=${first.body.position}`)
    expect(next.body.lines.map((line: { text: string }) => line.text)).toEqual(['more'])
    const last = await send(key, 'GET', `/executions/${id}/logs?after=${next.body.position}`)
    expect(last.body).toMatchObject({ lines: [], position: next.body.position })
  })
})

test('builds are listed, told with what went wrong, and say their log from where the asker is', async () => {
  const { deploy, db, keyFor, send } = await place()
  await deploy('mail')
  await deploy('mail', {}, { code: 'mail 2' })
  const key = await keyFor('read')
  const { body } = await send(key, 'GET', '/builds?per_page=1')
  expect(body).toMatchObject({ builds: [{ number: 2, status: 'succeeded', live: false }], next: 2 })
  const older = await send(key, 'GET', `/builds?before=${body.next}`)
  expect(older.body).toMatchObject({ builds: [{ number: 1 }], next: null })
  const [{ id, sha }] = body.builds
  expect((await send(key, 'GET', `/builds?sha=${sha}`)).body.builds).toHaveLength(1)
  expect((await send(key, 'GET', `/builds?sha=${'f'.repeat(40)}`)).body.builds).toEqual([])
  await insertLogLines(db, id, [
    { stage: 'installing', line: 'one' },
    { stage: 'compiling', line: 'two' },
  ])
  const log = await send(key, 'GET', `/builds/${id}/log`)
  expect(log.body).toMatchObject({
    lines: [{ stage: 'installing', text: 'one' }, { text: 'two' }],
    ...{ more: false, finished: true, status: 'succeeded' },
  })
  expect((await send(key, 'GET', `/builds/${id}/log?after=${log.body.position}`)).body.lines).toEqual([])
  const failure = {
    ...{ code: 'compile_failed', message: 'no' },
    annotations: [{ path: 'a.ts', startLine: 1, endLine: 2, level: 'failure', message: 'there' }],
  }
  await db.update(builds).set({ state: 'failed', failure }).where(eq(builds.id, id))
  expect((await send(key, 'GET', `/builds/${id}`)).body).toMatchObject({
    functions: ['mail'],
    failure: { code: 'compile_failed', annotations: [{ path: 'a.ts', start_line: 1, end_line: 2 }] },
  })
  expect((await send(key, 'GET', `/builds/${randomUUID()}/log`)).status).toBe(404)
})

test("environments are the repository's, with a key of one that alone", async () => {
  const { deploy, pause, keyFor, send, environment, repository, db } = await place()
  await deploy('mail')
  await pause(null)
  await insertEnvironment(db, environment.repositoryId, { name: 'staging', production: false })
  await insertEnvironment(db, environment.repositoryId, { name: 'gone', closedAt: new Date() })
  await insertEnvironment(db, (await insertRepository(db)).id, { name: 'elsewhere' })
  const names = async (key: string) =>
    (await send(key, 'GET', '/environments')).body.environments.map((one: { name: string }) => one.name)
  expect(await names(await keyFor('read', { environmentId: null }))).toEqual(['production', 'staging'])
  const own = await keyFor('read')
  expect(await names(own)).toEqual(['production'])
  expect((await send(own, 'GET', '/environments')).body).toMatchObject({
    repository: `acme/${repository.name}`,
    environments: [{ paused: true, pinned: false, functions: 1, live_build: null, mode: 'normal' }],
  })
})

test('a token is shown once, works, and ends when it is revoked', async () => {
  const { keyFor, send, db } = await place()
  const key = await keyFor('admin')
  const made = await send(key, 'POST', '/tokens')
  expect(made).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^slt_/) } })
  const { token, id, prefix } = made.body
  expect(await findToken(db, hashOf(token))).not.toBeNull()
  const listed = await send(key, 'GET', '/tokens')
  expect(listed.body.tokens).toEqual([expect.objectContaining({ id, prefix, revoked_at: null })])
  expect(JSON.stringify(listed)).not.toContain(token)
  expect((await send(key, 'DELETE', `/tokens/${id}`)).body.revoked_at).not.toBeNull()
  expect(await findToken(db, hashOf(token))).toBeNull()
  expect((await send(key, 'DELETE', `/tokens/${randomUUID()}`)).status).toBe(404)
})

describe('keys', () => {
  test('are shown once, listed by how they begin, and ended', async () => {
    const { keyFor, send } = await place()
    const admin = await keyFor('admin')
    const made = await send(admin, 'POST', '/keys', { role: 'write', name: 'deploys', expires_in: '90d' })
    expect(made).toMatchObject({
      status: 201,
      body: { role: 'write', environment: 'production', revoked_at: null },
    })
    const { key, id } = made.body
    expect((await send(key, 'GET', '/functions')).status).toBe(200)
    expect((await send(key, 'GET', '/keys')).status).toBe(403)
    const listed = await send(admin, 'GET', '/keys')
    expect(listed.body.keys).toContainEqual(expect.objectContaining({ id, name: 'deploys' }))
    expect(JSON.stringify(listed)).not.toContain(key)
    expect((await send(admin, 'DELETE', `/keys/${id}`)).body.revoked_at).not.toBeNull()
    expect((await send(key, 'GET', '/functions')).status).toBe(401)
    expect((await send(admin, 'POST', '/keys', { expires_in: 'soon' })).status).toBe(400)
  })

  test('reach no further and last no longer than the one that made them', async () => {
    const { keyFor, send, environment, db } = await place()
    await insertEnvironment(db, environment.repositoryId, { name: 'staging', production: false })
    const brief = await keyFor('admin', { validSeconds: 900 })
    for (const expires_in of [undefined, '90d', '1w']) {
      const { body } = await send(brief, 'POST', '/keys', { role: 'admin', expires_in })
      expect(new Date(body.expires_at).getTime()).toBeLessThan(Date.now() + 900_000)
    }
    expect((await send(brief, 'POST', '/keys', { environment: 'staging' })).status).toBe(404)
    const whole = await keyFor('admin', { environmentId: null })
    const made = await send(whole, 'POST', '/keys', { environment: 'staging' })
    expect(made.body).toMatchObject({ environment: 'staging', expires_at: null, role: 'read' })
    // One of another environment is as if there were none.
    expect((await send(brief, 'DELETE', `/keys/${made.body.id}`)).status).toBe(404)
    expect((await send(whole, 'GET', '/keys')).body.keys).toHaveLength(6)
    expect((await send(brief, 'GET', '/keys')).body.keys).toHaveLength(4)
  })
})

describe('variables', () => {
  test('are set, listed and removed, of one environment or of all; no value ever comes back', async () => {
    const { keyFor, send, environment, db } = await place()
    const [own, whole] = [await keyFor('write'), await keyFor('write', { environmentId: null })]
    const answers = [
      await send(own, 'PUT', '/variables/API_KEY', { value: secret, scope: 'run' }),
      await send(whole, 'PUT', '/variables/SHARED?all_environments=true', { value: 'of all, a secret' }),
      await send(own, 'GET', '/variables'),
      await send(whole, 'GET', '/variables?all_environments=true'),
      await send(whole, 'GET', `/variables?environment=${environment.name}`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(answers[2]?.body).toMatchObject({
      ...{ environment: 'production', variables: [{ name: 'API_KEY', scope: 'run' }] },
    })
    expect(answers[3]?.body).toMatchObject({
      environment: null,
      variables: [{ name: 'SHARED', scope: 'both' }],
    })
    expect(answers[4]?.body).toEqual(answers[2]?.body)
    expect(JSON.stringify(answers)).not.toMatch(/sk_live|of all, a secret/)
    expect((await readVariables(db, masterKey, environment)).run.values).toEqual({
      ...{ API_KEY: secret, SHARED: 'of all, a secret' },
    })
    expect((await send(own, 'GET', '/variables?all_environments=true')).status).toBe(403)
    expect((await send(whole, 'GET', '/variables')).status).toBe(400)
    expect((await send(own, 'DELETE', '/variables/SHARED')).status).toBe(404)
    expect((await send(own, 'DELETE', '/variables/API_KEY')).body).toEqual({ name: 'API_KEY' })
  })

  test.each([
    ['NODE_OPTIONS', { value: 'hunter2hunter2' }, 422, /NODE_OPTIONS cannot be set/],
    ['DEFER_TOKEN', { value: 'hunter2hunter2' }, 422, /DEFER_TOKEN cannot be set/],
    ['A', { value: 'hunter2\0' }, 422, /NUL/],
    ['A', { value: '' }, 422, /empty/],
    ['A', { value: 'hunter2', scope: 'everywhere' }, 400, /scope/],
  ])('%s is refused by name, and its value never repeated', async (name, body, status, message) => {
    const { keyFor, send } = await place()
    const answer = await send(await keyFor('write'), 'PUT', `/variables/${name}`, body)
    expect(answer.status).toBe(status)
    expect(answer.body.message).toMatch(message)
    expect(JSON.stringify(answer)).not.toContain('hunter2')
  })

  test('many at once: what may not be one is left out, what is the same stays, and a dry run changes nothing', async () => {
    const { keyFor, send, environment, db } = await place()
    const key = await keyFor('write')
    const imported = (some: object) => send(key, 'POST', '/variables/import', some)
    const many = [
      { name: 'A', value: 'first' },
      { name: 'NODE_ENV', value: 'hunter2hunter2' },
      { name: 'B', value: 'b' },
      { name: 'A', value: 'a' },
    ]
    const reason = expect.stringMatching(/^NODE_ENV cannot be set/)
    const expected = [
      { name: 'A', outcome: 'added', reason: null },
      { name: 'NODE_ENV', outcome: 'refused', reason },
      { name: 'B', outcome: 'added', reason: null },
    ]
    const dry = await imported({ variables: many, dry_run: true })
    expect(dry.body).toEqual({ dry_run: true, results: expected })
    expect(await db.$count(variables)).toBe(0)
    expect((await imported({ variables: many })).body).toEqual({ dry_run: false, results: expected })
    expect((await readVariables(db, masterKey, environment)).run.values).toEqual({ A: 'a', B: 'b' })
    const again = await imported({
      variables: [
        { name: 'A', value: 'a' },
        { name: 'B', value: 'b2' },
      ],
    })
    expect(again.body.results.map((one: { outcome: string }) => one.outcome)).toEqual([
      'unchanged',
      'changed',
    ])
    const much = Array.from({ length: 9 }, (_, index) => ({ name: `M${index}`, value: 'x'.repeat(30_000) }))
    expect(await imported({ variables: much })).toMatchObject({ status: 422 })
    expect(JSON.stringify(dry)).not.toContain('hunter2')
  })
})
