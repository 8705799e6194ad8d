// What happens on the local GitHub, as its real webhooks through the real intake and Probot: each event becomes one call of a
// verb, or a row that is right; everything else changes nothing.
import { execFileSync } from 'node:child_process'
import { asc, eq, isNull, like } from 'drizzle-orm'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deliveries, installations, reports, repositories } from '../../src/db/schema.ts'
import { AppError } from '../../src/errors.ts'
import { processDelivery } from '../../src/github/deliveries/deliveries.ts'
import { githubIntake, webhookPath } from '../../src/github/deliveries/intake.ts'
import { handlers } from '../../src/github/deliveries/webhooks.ts'
import { addBuild, addEnvironment, addPull, createWorld, log, type World } from '../support/github-world.ts'

let world: World
let server: FastifyInstance
let calls: [verb: string, input: unknown][] = []
let failing: unknown = null

const jobs = {
  send: async () => {},
  sendAll: async () => {},
  work: async () => {},
  ensure: async () => {},
  start: async () => {},
  stop: async () => {},
}

beforeAll(async () => {
  world = await createWorld()
  const verb = (name: string) => async (input: unknown) => {
    if (failing) throw failing
    calls.push([name, input])
  }
  const { db, github } = world
  const { appId, octokitFor, asApp } = github
  const verbs = {
    ...{ syncBranch: verb('syncBranch'), syncPull: verb('syncPull'), rebuild: verb('rebuild') },
    ...{ requestMergeChecks: verb('requestMergeChecks'), receivePress: verb('receivePress') },
  }
  const deps = {
    db,
    jobs,
    log,
    appId,
    octokitFor,
    asApp,
    ...verbs,
    receiveComment: verb('receiveComment'),
    reconcileSoon: async () => {},
  }
  await github.probot.load(handlers(deps))
  server = fastify()
  const secret = world.config.github.app?.webhookSecret ?? null
  await server.register(githubIntake({ core: { db, pool: db, jobs, append: async () => {} }, secret, log }))
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  world.sandbox.github.setWebhookUrl(url + webhookPath)
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await server.close()
})
beforeEach(() => {
  calls = []
  failing = null
})

/** Waits until GitHub has delivered, then works off what was stored, oldest first. */
async function settle() {
  await world.sandbox.github.settled()
  const { db, github } = world
  const receive = (event: unknown) =>
    github.probot.receive(event as Parameters<typeof github.probot.receive>[0])
  const waiting = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(isNull(deliveries.processedAt))
    .orderBy(asc(deliveries.receivedAt))
  for (const { id } of waiting) await processDelivery({ core: { db, jobs }, receive, log }, id)
}

async function asPerson(login: string, method: string, path: string, body?: object) {
  const response = await fetch(world.sandbox.github.apiUrl + path, {
    method,
    headers: { authorization: `Bearer ${world.sandbox.tokens[login]}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  expect(response.status).toBeLessThan(300)
  return (response.status === 204 ? {} : await response.json()) as { id: number; number: number }
}

const rowOf = async (id: number) =>
  (await world.db.select().from(repositories).where(eq(repositories.id, id)))[0]
const installation = async () =>
  (await world.db.select().from(installations).where(eq(installations.id, world.installationId)))[0]

describe('a push', () => {
  test('M24: to a branch looks at that branch; a tag, a deleted branch and the merge queue are nothing to us', async () => {
    const { checkout, repositoryId } = world
    await checkout.commit('more')
    await checkout.git('branch', '-f', 'feature/x')
    await checkout.git('tag', 'v1')
    await checkout.push(
      'origin',
      'HEAD:main',
      'feature/x',
      'v1',
      'HEAD:refs/heads/gh-readonly-queue/main/pr-1',
    )
    await settle()
    expect(calls).toHaveLength(2)
    expect(calls).toContainEqual(['syncBranch', { repositoryId, branch: 'main' }])
    expect(calls).toContainEqual(['syncBranch', { repositoryId, branch: 'feature/x' }])
    calls = []
    await checkout.push('origin', ':feature/x')
    await settle()
    expect(calls).toEqual([])
  })

  test('of 3,000 commits is one look at the branch, within a second', async () => {
    const { checkout, repositoryId } = world
    const tip = await checkout.git('rev-parse', 'HEAD')
    const commit = (n: number) =>
      `commit refs/heads/many\nmark :${n}\ncommitter Alice <alice@sandbox.test> ${1_700_000_000 + n} +0000\n` +
      `data 7\nmessage\nfrom ${n === 1 ? tip : `:${n - 1}`}\n\n`
    const stream = Array.from({ length: 3_000 }, (_, n) => commit(n + 1)).join('')
    execFileSync('git', ['fast-import', '--quiet'], { cwd: checkout.dir, input: stream })
    await checkout.push('origin', 'many')
    await world.sandbox.github.settled()
    const began = performance.now()
    await settle()
    console.info(`a push of 3,000 commits: worked off in ${Math.round(performance.now() - began)} ms`)
    expect(calls).toEqual([['syncBranch', { repositoryId, branch: 'many' }]])
  })

  test('to a repository nobody told us of stores it first', async () => {
    const { checkout, repositoryId, db } = world
    await db.delete(repositories).where(eq(repositories.id, repositoryId))
    await checkout.commit('again')
    await checkout.push('origin', 'HEAD:main')
    await settle()
    expect(await rowOf(repositoryId)).toMatchObject({
      owner: 'acme',
      name: 'shop',
      defaultBranch: 'main',
      private: false,
    })
    expect(calls).toEqual([['syncBranch', { repositoryId, branch: 'main' }]])
  })
})

test('a pull request is looked at when it opens, gets commits, closes and opens again', async () => {
  const { checkout, repositoryId } = world
  const { number } = await addPull(world)
  await checkout.commit('more work')
  await checkout.push('origin', 'HEAD')
  await asPerson('alice', 'PATCH', `/repos/acme/shop/pulls/${number}`, { state: 'closed' })
  await asPerson('alice', 'PATCH', `/repos/acme/shop/pulls/${number}`, { state: 'open' })
  await asPerson('alice', 'PATCH', `/repos/acme/shop/pulls/${number}`, { title: 'Another title' })
  await settle()
  expect(calls.filter(([verb]) => verb === 'syncPull')).toEqual(
    Array.from({ length: 4 }, () => ['syncPull', { repositoryId, number }]),
  )
})

describe('a comment', () => {
  test('of a person is handed on with what it was written on', async () => {
    const { number } = await addPull(world)
    await settle()
    calls = []
    const said = { body: '/status\nplease' }
    const comment = await asPerson('rita', 'POST', `/repos/acme/shop/issues/${number}/comments`, said)
    await settle()
    const about = { repositoryId: world.repositoryId, commentId: comment.id, issueNumber: number }
    const how = { commitSha: null, isPull: true, isOpen: true, actor: 'rita', actorIsBot: false }
    const commentedAt = expect.any(Date)
    expect(calls).toEqual([['receiveComment', { ...about, ...said, ...how, commentedAt }]])
  })

  test('on a commit likewise', async () => {
    const sha = await world.checkout.git('rev-parse', 'HEAD')
    await settle()
    calls = []
    const said = { body: '/deploy production' }
    const { id } = await asPerson('max', 'POST', `/repos/acme/shop/commits/${sha}/comments`, said)
    await settle()
    const about = { repositoryId: world.repositoryId, commentId: id, commitSha: sha, issueNumber: null }
    expect(calls).toMatchObject([['receiveComment', { ...about, ...said, isPull: false, actor: 'max' }]])
  })

  test('of our own is not, nor one that was edited or deleted', async () => {
    const { number } = await asPerson('alice', 'POST', '/repos/acme/shop/issues', { title: 'An issue' })
    const octokit = await world.github.octokitFor(world.installationId)
    const place = { owner: 'acme', repo: 'shop' }
    await octokit.rest.issues.createComment({ ...place, issue_number: number, body: '/rollback production' })
    const comment = await asPerson('max', 'POST', `/repos/acme/shop/issues/${number}/comments`, {
      body: 'hello',
    })
    await settle()
    expect(calls).toHaveLength(1)
    await asPerson('max', 'PATCH', `/repos/acme/shop/issues/comments/${comment.id}`, {
      body: '/pause production',
    })
    await asPerson('max', 'DELETE', `/repos/acme/shop/issues/comments/${comment.id}`)
    await settle()
    expect(calls).toMatchObject([['receiveComment', { isPull: false, actor: 'max', body: 'hello' }]])
  })
})

describe('asking for checks again', () => {
  async function checkedBuild(name: string, sha: string, externalId?: string) {
    const environmentId = await addEnvironment(world, { name, production: false })
    const buildId = await addBuild(world, environmentId, { sha, state: 'failed' })
    const octokit = await world.github.octokitFor(world.installationId)
    const { data } = await octokit.rest.checks.create({
      ...{ owner: 'acme', repo: 'shop', name: `Sluice / ${name}`, head_sha: sha },
      ...{ external_id: externalId ?? buildId, conclusion: 'failure' },
    })
    return { buildId, runId: data.id }
  }

  test('M25: of one builds that one, of all builds each environment of the commit once', async () => {
    const sha = await world.checkout.commit('checked')
    await world.checkout.push('origin', 'HEAD:refs/heads/checked')
    const one = await checkedBuild('one', sha)
    const two = await checkedBuild('two', sha)
    await settle()
    calls = []
    world.sandbox.github.rerunCheck(world.full, one.runId, 'walt')
    await settle()
    expect(calls).toEqual([['rebuild', { buildId: one.buildId, actor: 'walt' }]])
    calls = []
    await world.sandbox.github.rerunSuite(world.full, sha, 'walt')
    await settle()
    expect(calls.map(([, input]) => input)).toEqual(
      expect.arrayContaining([one, two].map(({ buildId }) => ({ buildId, actor: 'walt' }))),
    )
    expect(calls).toHaveLength(2)
  })

  test('of a check whose id is none of our builds does nothing', async () => {
    const sha = await world.checkout.git('rev-parse', 'HEAD')
    const foreign = await checkedBuild('three', sha, 'configuration')
    const unknown = await checkedBuild('four', sha, '018f0000-0000-7000-8000-000000000001')
    await settle()
    calls = []
    world.sandbox.github.rerunCheck(world.full, foreign.runId, 'walt')
    world.sandbox.github.rerunCheck(world.full, unknown.runId, 'walt')
    await settle()
    expect(calls).toEqual([])
  })
})

test('M26: a press of a button is handed on with the delivery that told of it', async () => {
  const sha = await world.checkout.commit('pressed')
  await world.checkout.push('origin', 'HEAD:refs/heads/pressed')
  const environmentId = await addEnvironment(world, { name: 'pressed', production: false })
  const buildId = await addBuild(world, environmentId, { sha, state: 'failed' })
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.checks.create({
    ...{ owner: 'acme', repo: 'shop', name: 'Sluice / pressed', head_sha: sha, external_id: buildId },
    conclusion: 'failure',
    actions: [{ label: 'Retry', description: 'Build this commit once more.', identifier: 'retry' }],
  })
  await settle()
  calls = []
  world.sandbox.github.pressButton(world.full, data.id, 'retry', 'walt')
  await settle()
  const press = { repositoryId: world.repositoryId, buildId, button: 'retry', actor: 'walt' }
  expect(calls).toEqual([
    ['receivePress', { ...press, deliveryId: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
  ])
})

test('M23, M24: a group of the merge queue is asked checks for, and its branch builds nothing', async () => {
  const { number } = await addPull(world)
  await settle()
  calls = []
  const sha = await world.sandbox.github.enqueue(world.full, number, 'alice')
  await settle()
  const ref = expect.stringMatching(/^refs\/heads\/gh-readonly-queue\/main\/pr-\d+-[0-9a-f]{40}$/)
  const asked = ['requestMergeChecks', { repositoryId: world.repositoryId, sha, ref }]
  expect(calls.filter(([verb]) => verb !== 'syncPull')).toEqual([asked])
})

test('M25: the checks of the merge queue and of the configuration are written anew when somebody asks for them', async () => {
  const sha = await world.checkout.commit('asked again')
  await world.checkout.push('origin', 'HEAD:refs/heads/asked')
  const subject = `${world.repositoryId}@${sha}`
  const written = { wanted: 1, written: 1, remote: { id: 1 } }
  await world.db.insert(reports).values([
    { kind: 'config-check', subject, ...written },
    { kind: 'merge-check', subject: `${subject}@refs/heads/gh-readonly-queue/main/pr-1-0a`, ...written },
    { kind: 'merge-check', subject: `${world.repositoryId}@other@ref`, ...written },
  ])
  await world.sandbox.github.rerunSuite(world.full, sha, 'walt')
  await settle()
  const rows = await world.db
    .select()
    .from(reports)
    .where(like(reports.subject, `${world.repositoryId}@%`))
  expect(rows.map(row => [row.subject.includes(sha), row.wanted, row.remote])).toEqual(
    expect.arrayContaining([
      [true, 2, {}],
      [true, 2, {}],
      [false, 1, { id: 1 }],
    ]),
  )
  await world.db.delete(reports)
})

describe('installations and repositories', () => {
  test('a suspended one is known as such, and what could not be written is wanted again when it is back', async () => {
    await world.db
      .insert(reports)
      .values({ kind: 'check', subject: 'x', wanted: 3, written: 3, error: 'suspended' })
    world.sandbox.github.suspend('acme')
    await settle()
    expect(await installation()).toMatchObject({ suspendedAt: expect.any(Date), account: 'acme' })
    expect(await world.db.select({ wanted: reports.wanted }).from(reports)).toEqual([{ wanted: 3 }])
    world.sandbox.github.unsuspend('acme')
    await settle()
    expect(await installation()).toMatchObject({
      suspendedAt: null,
      permissions: expect.objectContaining({ checks: 'write' }),
    })
    expect(await world.db.select({ wanted: reports.wanted }).from(reports)).toEqual([{ wanted: 4 }])
  })

  test('a repository that is taken out is removed, and there again when it is put back', async () => {
    await world.sandbox.github.createRepository({ owner: 'acme', name: 'other' })
    world.sandbox.github.removeRepositories('acme', [world.full])
    await settle()
    expect(await rowOf(world.repositoryId)).toMatchObject({ removedAt: expect.any(Date) })
    world.sandbox.github.addRepositories('acme', [world.full])
    await settle()
    expect(await rowOf(world.repositoryId)).toMatchObject({ removedAt: null })
  })

  test('a removal that comes late, after the repository was put back, removes nothing', async () => {
    world.sandbox.github.removeRepositories('acme', [world.full])
    world.sandbox.github.addRepositories('acme', [world.full])
    await settle()
    expect(await rowOf(world.repositoryId)).toMatchObject({ removedAt: null })
  })

  test('a renamed one keeps its row', async () => {
    world.sandbox.github.renameRepository(world.full, 'store')
    await settle()
    expect(await rowOf(world.repositoryId)).toMatchObject({ name: 'store', removedAt: null })
    world.sandbox.github.renameRepository('acme/store', 'shop')
    await settle()
    expect(await rowOf(world.repositoryId)).toMatchObject({ name: 'shop' })
  })
})

describe('processing', () => {
  test('that fails is kept with its error and succeeds at a later try', async () => {
    failing = new Error('GitHub was down')
    await world.checkout.commit('later')
    await world.checkout.push('origin', 'HEAD:main')
    await expect(settle()).rejects.toThrow('GitHub was down')
    const [row] = await world.db.select().from(deliveries).where(eq(deliveries.error, 'GitHub was down'))
    expect(row).toMatchObject({ event: 'push', processedAt: null })
    failing = null
    await settle()
    await settle()
    expect(calls.filter(([verb]) => verb === 'syncBranch')).toEqual([
      ['syncBranch', { repositoryId: world.repositoryId, branch: 'main' }],
    ])
  })

  test('that can never succeed is recorded and not tried again', async () => {
    failing = new AppError('malformed', 'the payload is not what GitHub documents')
    await world.checkout.commit('never')
    await world.checkout.push('origin', 'HEAD:main')
    await settle()
    failing = null
    await settle()
    expect(calls).toEqual([])
  })

  test('of a delivery after the App was uninstalled changes nothing', async () => {
    await world.checkout.commit('too late')
    await world.checkout.push('origin', 'HEAD:main')
    await world.sandbox.github.settled()
    world.sandbox.github.uninstall('acme')
    await world.sandbox.github.settled()
    await world.db.update(deliveries).set({ processedAt: new Date() }).where(eq(deliveries.event, 'push'))
    await settle()
    expect(await installation()).toMatchObject({ deletedAt: expect.any(Date) })
    expect(await rowOf(world.repositoryId)).toMatchObject({ removedAt: expect.any(Date) })
    await world.db.update(deliveries).set({ processedAt: null }).where(eq(deliveries.event, 'push'))
    await settle()
    expect(calls).toEqual([])
    expect(await rowOf(world.repositoryId)).toMatchObject({ removedAt: expect.any(Date) })
  })
})
