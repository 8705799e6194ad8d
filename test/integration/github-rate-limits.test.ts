// GitHub's limits, kept by all processes together: a pause that one is told is everybody's, writes go a turn apart and in order of
// what matters, reads wait for nobody, and a token is made once.
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noFaults } from '../../sandbox/github/faults.ts'
import { installationTokens } from '../../src/db/schema.ts'
import { takeTurn } from '../../src/events/turns-store.ts'
import { createGithub, type Github } from '../../src/github/client/client.ts'
import { createTokenCache } from '../../src/github/client/token-cache.ts'
import { createWriteTurns, isWrite, priorityOf } from '../../src/github/client/write-turns.ts'
import { callsDuring, createWorld, log, type World } from '../support/github-world.ts'

const masterKey = '0123456789abcdef0123456789abcdef'
let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(async () => {
  Object.assign(world.sandbox.github.faults, noFaults())
  await world.db.execute(sql`truncate installation_tokens, write_turns`)
})

/** Another process of the same Sluice. */
function aProcess({ key = masterKey, gapMs = 1 } = {}): Github {
  const { app, apiUrl } = world.config.github
  if (!app) throw new Error('there is no App')
  const shared = { tokens: createTokenCache(world.db, key), turns: createWriteTurns(world.db, { gapMs }) }
  return createGithub({ app, apiUrl, throttle: true, log, shared })
}

const place = { owner: 'acme', repo: 'shop' }
async function comment(github: Github, issue: number) {
  const octokit = await github.octokitFor(world.installationId)
  await octokit.rest.issues.createComment({ ...place, issue_number: issue, body: 'hello' })
}
async function anIssue(): Promise<number> {
  const response = await fetch(`${world.sandbox.github.apiUrl}/repos/acme/shop/issues`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.sandbox.tokens.alice}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'An issue' }),
  })
  return ((await response.json()) as { number: number }).number
}
const limited = (seconds: number) => ({
  ...{ method: 'POST', pathPattern: /\/comments$/, status: 403 },
  headers: { 'Retry-After': `${seconds}` },
})

describe('a secondary limit', () => {
  test('M48: is waited out as long as GitHub says, and the write is done', async () => {
    const issue = await anIssue()
    world.sandbox.github.faults.rest.push(limited(1))
    const began = performance.now()
    await comment(aProcess(), issue)
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000)
  })

  test('M48: that is long is nobody’s to wait out: the job is given back, and no process asks meanwhile', async () => {
    const issue = await anIssue()
    const [one, other] = [aProcess(), aProcess()]
    world.sandbox.github.faults.rest.push(limited(3_600))
    await expect(comment(one, issue)).rejects.toMatchObject({ status: 403 })
    await other.octokitFor(world.installationId)
    const calls = await callsDuring(async () => {
      await expect(comment(other, issue)).rejects.toMatchObject({ code: 'unavailable' })
    })
    expect(calls).toEqual([])
    const octokit = await other.octokitFor(world.installationId)
    expect((await octokit.rest.repos.get(place)).status).toBe(200)
  })

  test('M48: without end is given back after two tries', async () => {
    const issue = await anIssue()
    world.sandbox.github.faults.rest.push({ ...limited(0), times: 100, headers: { 'Retry-After': '0.01' } })
    const calls = await callsDuring(async () => {
      await expect(comment(aProcess(), issue)).rejects.toMatchObject({ status: 403 })
    })
    expect(calls).toHaveLength(3)
  })
})

describe('turns to write', () => {
  test('come one after the other, from however many processes', async () => {
    const turns = await Promise.all(
      Array.from({ length: 5 }, () => takeTurn(world.db, 'x', { gapMs: 1_000, maxWaitMs: 60_000 })),
    )
    const inOrder = turns.map(waitMs => Math.round((waitMs ?? 0) / 1_000)).sort()
    expect(inOrder).toEqual([0, 1, 2, 3, 4])
    expect(await takeTurn(world.db, 'x', { gapMs: 1_000, maxWaitMs: 2_000 })).toBeNull()
    expect(await takeTurn(world.db, 'y', { gapMs: 1_000, maxWaitMs: 0 })).toBe(0)
  })

  test('go to checks before deployments before comments', async () => {
    const turns = createWriteTurns(world.db, { gapMs: 1 })
    const done: string[] = []
    const first = Promise.withResolvers<void>()
    const write = (url: string) => turns.take(7, priorityOf(url), async () => void done.push(url))
    const all = [turns.take(7, 0, () => first.promise), write('/issues/1/comments'), write('/deployments')]
    all.push(write('/check-runs'))
    first.resolve()
    await Promise.all(all)
    expect(done).toEqual(['/check-runs', '/deployments', '/issues/1/comments'])
  })

  test.each([
    ['GET', '/repos/acme/shop/check-runs', false],
    ['POST', '/app/installations/3/access_tokens', false],
    ['PATCH', '/repos/acme/shop/check-runs/3', true],
  ])('%s %s is a write: %s', (method, url, expected) => {
    expect(isWrite(method, url)).toBe(expected)
  })
})

describe('a token of an installation', () => {
  const read = async (github: Github) => (await github.octokitFor(world.installationId)).rest.repos.get(place)

  test('is made once for all processes, and lies in the database sealed', async () => {
    await read(aProcess())
    const [row] = await world.db.select().from(installationTokens)
    expect(row?.sealed).not.toContain('ghs_')
    await read(aProcess())
    const [same] = await world.db.select().from(installationTokens)
    expect(same).toEqual(row)
  })

  test('that does not open, is about to expire or was refused is made anew', async () => {
    const sealed = async () => (await world.db.select().from(installationTokens))[0]?.sealed
    await read(aProcess())
    const first = await sealed()
    await read(aProcess({ key: 'another master key, as long as it has to be' }))
    const second = await sealed()
    expect(second).not.toBe(first)
    await world.db.execute(sql`update installation_tokens set expires_at = now() + interval '1 minute'`)
    const github = aProcess({ key: 'another master key, as long as it has to be' })
    await read(github)
    const third = await sealed()
    expect(third).not.toBe(second)
    await github.forgetTokens(world.installationId)
    expect(await sealed()).toBeUndefined()
  })
})
