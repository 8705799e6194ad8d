// Tokens of GitHub Actions for keys: whose they are is told by ids alone, each is used once, and each way to be wrong says which.
import { eq } from 'drizzle-orm'
import { base64url, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { apiKeys, repositories } from '../../src/db/schema.ts'
import type { Asked } from '../support/oidc-issuer.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { place as apiPlace } from './api-setup.ts'

async function place() {
  const here = await apiPlace()
  const { issuer, serverUrl, send } = here
  const sign = (asked: Partial<Asked> = {}) => issuer.sign({ audience: serverUrl, ...asked })
  const exchange = (token: string, more = {}) => send(null, 'POST', '/oidc/exchange', { token, ...more })
  return { ...here, sign, exchange }
}

test('S24, S26: a token becomes a key of fifteen minutes for its branch, once', async () => {
  const { sign, exchange, send, environment, db, deploy } = await place()
  await deploy('mail')
  const token = await sign()
  const given = await exchange(token)
  expect(given).toEqual({
    status: 200,
    body: {
      key: expect.stringMatching(/^slk_/),
      ...{ environment: environment.name, role: 'write', expires_in: 900 },
    },
  })
  expect((await send(given.body.key, 'GET', '/functions')).body.count).toBe(1)
  const [row] = await db.select().from(apiKeys)
  expect(row).toMatchObject({ environmentId: environment.id, name: 'alice (workflow run 17)' })
  expect(row?.expiresAt?.getTime()).toBe((row?.createdAt.getTime() ?? 0) + 900_000)
  expect(await exchange(token)).toMatchObject({
    status: 401,
    body: { message: expect.stringMatching(/exchanged before/) },
  })
  const later = await sign()
  const racing = await Promise.all([exchange(later), exchange(later), exchange(later)])
  expect(racing.map(one => one.status).toSorted()).toEqual([200, 401, 401])
})

describe('M49: what is not to be trusted gets no key, and is told why', () => {
  test.each<[string, Partial<Asked>, number, RegExp]>([
    ['S17: another audience', { audience: 'https://github.com/acme' }, 401, /another audience/],
    ['S17: another issuer', { issuer: 'https://evil.example' }, 401, /issued by "https:\/\/evil/],
    ['S17: expired', { issued: '-8m', expires: '-3m' }, 401, /has expired/],
    ['S17: of another day, and long-lived', { issued: '-1d', expires: '1d' }, 401, /older than/],
    ['S17: of tomorrow', { issued: '1d', expires: '2d' }, 401, /not of this moment/],
    [
      'S18: another repository of the same name',
      { claims: { repository_id: '999' } },
      401,
      /id 999 .* not known/,
    ],
    ['S18: the same, of another owner', { claims: { repository_owner_id: '999' } }, 401, /owner 999 is not/],
    ['S18: an id that is no number', { claims: { repository_id: '1 or 1' } }, 401, /as repository_id/],
    ['S20: of a pull request', { claims: { event_name: 'pull_request' } }, 403, /"pull_request" gets no key/],
    ['S20: of a fork with secrets', { claims: { event_name: 'pull_request_target' } }, 403, /gets no key/],
    ['S20: of another workflow', { claims: { event_name: 'workflow_run' } }, 403, /gets no key/],
    ['S20: of a comment', { claims: { event_name: 'issue_comment' } }, 403, /gets no key/],
    ['S21: a tag named main', { claims: { ref: 'refs/tags/main', ref_type: 'tag' } }, 403, /is no branch/],
    [
      'S21: a branch whose name contains it',
      { claims: { ref: 'refs/heads/x/main' } },
      403,
      /the branch x\/main/,
    ],
    ['S21: a tag that says it is a head', { claims: { ref_type: 'tag' } }, 403, /is no branch/],
    ['S24: without a number of its own', { claims: { jti: undefined } }, 401, /its jti is missing/],
  ])('%s', async (_what, asked, status, message) => {
    const { sign, exchange } = await place()
    const answer = await exchange(await sign(asked))
    expect(answer).toMatchObject({ status, body: { message: expect.stringMatching(message) } })
  })

  test('S17: unsigned, signed with another algorithm, by another key, damaged, or no token at all', async () => {
    const { sign, exchange, issuer, serverUrl } = await place()
    const good = await sign()
    const [header = '', payload = '', signature = ''] = good.split('.')
    const unsigned = new UnsecuredJWT({}).setIssuer(issuer.url).setAudience(serverUrl).encode()
    const byHmac = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer.url)
    const claims = JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
    const other = base64url.encode(JSON.stringify({ ...claims, ref: 'refs/heads/other' }))
    const none = base64url.encode(JSON.stringify({ alg: 'none' }))
    const cases: [string, RegExp][] = [
      [unsigned, /signed with "none"/],
      [`${none}.${payload}.`, /signed with "none"/],
      [await byHmac.sign(new Uint8Array(32)), /signed with "HS256"/],
      [`${header}.${other}.${signature}`, /signature of the token is not right/],
      ['hello', /not a token of GitHub Actions/],
    ]
    for (const [token, message] of cases)
      expect(await exchange(token)).toMatchObject({
        status: 401,
        body: { error: 'unauthorized', message: expect.stringMatching(message) },
      })
    expect((await exchange(good)).status).toBe(200)
  })

  test('S18: a repository that was removed and made anew under its name is another', async () => {
    const { sign, exchange, db, environment } = await place()
    const token = await sign()
    const gone = eq(repositories.id, environment.repositoryId)
    await db.update(repositories).set({ removedAt: new Date() }).where(gone)
    expect(await exchange(token)).toMatchObject({ status: 401 })
  })
})

test('M49, S19: both forms of sub work, and so does any other: nothing reads it', async () => {
  const { sign, exchange } = await place()
  for (const sub of ['repo:acme/shop:ref:refs/heads/main', 'repo:acme@1/shop@2:ref:refs/heads/main', 'x'])
    expect((await exchange(await sign({ claims: { sub } }))).status).toBe(200)
})

test('S17: new keys of the issuer are found, known ones are not read again, and none at all is no fault of the token', async () => {
  const { sign, exchange, issuer } = await place()
  for (const _ of [1, 2, 3]) expect((await exchange(await sign())).status).toBe(200)
  expect(issuer.reads()).toBe(1)
  const before = await sign()
  await issuer.rotate()
  expect((await exchange(await sign())).status).toBe(200)
  expect(issuer.reads()).toBe(2)
  expect(await exchange(before)).toMatchObject({
    status: 401,
    body: { message: expect.stringMatching(/does not have/) },
  })
  await issuer.rotate()
  issuer.goDown()
  expect(await exchange(await sign())).toMatchObject({ status: 503, body: { error: 'unavailable' } })
})

test('a branch that lands in several environments: one is named', async () => {
  const { sign, exchange, db, environment } = await place()
  await insertEnvironment(db, environment.repositoryId, { name: 'jobs', production: false })
  expect(await exchange(await sign())).toMatchObject({
    status: 403,
    body: { message: expect.stringMatching(/production.*name one|jobs.*name one/) },
  })
  expect((await exchange(await sign(), { environment: 'jobs' })).body.environment).toBe('jobs')
  const other = await insertRepository(db)
  await insertEnvironment(db, other.id, { name: 'theirs' })
  expect((await exchange(await sign(), { environment: 'theirs' })).status).toBe(403)
})
