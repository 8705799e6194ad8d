// Webhooks lost for good: one round brings every branch, pull request, repository and installation to where it stands, and
// what only seems to be gone stays.
import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syncBranch } from '../../src/builds/admission/sync-branch.ts'
import { syncPull } from '../../src/builds/admission/sync-pull.ts'
import { builds, environments, events, installations, repositories } from '../../src/db/schema.ts'
import { allowClosing } from '../../src/github/missed/close-gone.ts'
import { type ReconcileDeps, reconciliation } from '../../src/github/missed/reconcile.ts'
import { createSource } from '../../src/github/source/source.ts'
import {
  addEnvironment,
  addPull,
  callsDuring,
  createWorld,
  log,
  type World,
} from '../support/github-world.ts'
import { createTestCore } from '../support/place.ts'

let world: World
let deps: ReconcileDeps
beforeEach(async () => {
  world = await createWorld()
  const { db, github, sandbox } = world
  sandbox.github.faults.drop = true
  const core = createTestCore(db)
  const { octokitFor, asApp } = github
  const source = createSource(github, sandbox.github.url)
  deps = {
    ...{ core, source, octokitFor, asApp, log },
    installation: { db, jobs: core.jobs, octokitFor, asApp, log },
    syncBranch: input => syncBranch({ core, source }, input),
    syncPull: input => syncPull({ core, source }, input),
  }
})
afterEach(() => world[Symbol.asyncDispose]())

async function built() {
  const rows = await world.db
    .select({ environment: environments.name, sha: builds.sha })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .orderBy(asc(environments.name), asc(builds.number))
  return rows.map(({ environment, sha }) => `${environment} ${sha}`)
}

async function pushed(to = 'main') {
  const sha = await world.checkout.commit(`to ${to} ${Math.random()}`)
  await world.checkout.push('origin', `+HEAD:refs/heads/${to}`)
  return sha
}

async function asAlice(method: string, path: string, body: object) {
  const response = await fetch(`${world.sandbox.github.apiUrl}/repos/acme/shop${path}`, {
    method,
    headers: { authorization: `Bearer ${world.sandbox.tokens.alice}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBeLessThan(300)
}

const repository = async () =>
  (await world.db.select().from(repositories).where(eq(repositories.id, world.repositoryId)))[0]
const preview = async (number: number) =>
  (await world.db.select().from(environments).where(eq(environments.pullNumber, number)))[0]
/** We know of the repository since then, in seconds from now. */
const knownSince = (seconds: number) =>
  world.db.update(repositories).set({ createdAt: new Date(Date.now() + seconds * 1_000) })

describe('where branches and pull requests stand', () => {
  test('two hours of webhooks lost: within one round the state is right, and heads alone are built', async () => {
    await knownSince(-7_200)
    const round = reconciliation(deps)
    const kept = await addPull(world)
    const gone = await addPull(world)
    await round()
    await world.checkout.git('checkout', '--quiet', '-B', 'work', 'origin/main')
    await pushed()
    await pushed()
    const head = await pushed()
    const opened = await addPull(world)
    const last = await pushed((await preview(kept.number))?.branch)
    await asAlice('PATCH', `/pulls/${gone.number}`, { state: 'closed' })
    const before = await built()
    const done = await round()
    expect((await built()).filter(one => !before.includes(one)).sort()).toEqual(
      [`production ${head}`, `pr-${kept.number} ${last}`, `pr-${opened.number} ${opened.sha}`].sort(),
    )
    expect(await preview(gone.number)).toMatchObject({ closedBecause: 'pull_closed' })
    expect(done).toMatchObject({ failed: 0, closed: [{ number: gone.number }] })
    const calls = await callsDuring(async () => {
      expect(await round()).toEqual({ synced: [], closed: [], failed: 0 })
    })
    // The App's installations, what this one covers, its branches, its pull requests: all unchanged, so free.
    expect(calls).toHaveLength(4)
  }, 60_000)

  test('what was there before the App was installed is not built, what comes after it is', async () => {
    await knownSince(60)
    const round = reconciliation(deps)
    await addPull(world)
    await world.db.delete(environments)
    await world.checkout.git('checkout', '--quiet', '-B', 'work', 'origin/main')
    expect((await round()).synced).toEqual([])
    const head = await pushed()
    expect((await round()).synced).toEqual(['acme/shop main'])
    expect(await built()).toEqual([`production ${head}`])
  })

  test('a branch that cannot be read for the moment is reconciled in the next round', async () => {
    await knownSince(-60)
    const round = reconciliation(deps)
    await pushed()
    world.sandbox.github.faults.rest.push({ pathPattern: /\/branches\/main$/, status: 500 })
    expect(await round()).toMatchObject({ synced: [], failed: 1 })
    expect(await round()).toMatchObject({ synced: ['acme/shop main'], failed: 0 })
  })

  test('a preview closed for want of pushes sleeps on, and one whose request was opened again does not', async () => {
    await knownSince(-60)
    const round = reconciliation(deps)
    const [idle, again] = [await addPull(world), await addPull(world)]
    await round()
    const close = (number: number, closedBecause: 'expired' | 'pull_closed') =>
      world.db
        .update(environments)
        .set({ closedAt: new Date(), closedBecause })
        .where(eq(environments.pullNumber, number))
    await close(idle.number, 'expired')
    await close(again.number, 'pull_closed')
    await round()
    expect(await preview(idle.number)).toMatchObject({ closedBecause: 'expired' })
    expect(await preview(again.number)).toMatchObject({ closedAt: null })
  })
})

describe('previews without a pull request', () => {
  const addPreview = (pullNumber: number) =>
    addEnvironment(world, {
      ...{ name: `pr-${pullNumber}`, kind: 'preview', branch: 'topic', production: false, pullNumber },
    })
  const open = () =>
    world.db
      .select({ name: environments.name })
      .from(environments)
      .where(and(isNull(environments.closedAt), isNotNull(environments.pullNumber)))

  test('M47: stay while GitHub errs, knows nothing of them, or shows a part of its list', async () => {
    const { number } = await addPull(world)
    await addPreview(999)
    await asAlice('PATCH', `/pulls/${number}`, { state: 'closed' })
    const { faults } = world.sandbox.github
    const round = reconciliation(deps)
    faults.rest.push({ pathPattern: new RegExp(`/pulls/${number}$`), status: 502 })
    expect((await round()).closed).toEqual([])
    faults.rest.push({ pathPattern: /\/pulls$/, status: 200, body: [] })
    await asAlice('PATCH', `/pulls/${number}`, { state: 'open' })
    expect((await round()).closed).toEqual([])
    faults.rest.push({ pathPattern: /\/pulls$/, status: 503 })
    expect(await round()).toMatchObject({ closed: [], failed: 1 })
    expect(await open()).toHaveLength(2)
  })

  test('M47: too many at once are not closed, which is told once, until somebody says that it is right', async () => {
    const numbers: number[] = []
    for (let n = 0; n < 6; n++) numbers.push((await addPull(world)).number)
    for (const number of numbers) await asAlice('PATCH', `/pulls/${number}`, { state: 'closed' })
    const round = reconciliation(deps)
    expect((await round()).closed).toEqual([])
    expect((await round()).closed).toEqual([])
    const told = and(eq(events.type, 'previews.sweep_stopped'), eq(events.repositoryId, world.repositoryId))
    const alerts = await world.db.select().from(events).where(told)
    expect(alerts.map(({ data }) => data)).toEqual([
      expect.objectContaining({ closed: 6, open: 6, said: expect.stringContaining('--confirm 6') }),
    ])
    await allowClosing(world.db, 6)
    expect((await round()).closed).toHaveLength(6)
    expect(await open()).toEqual([])
    const closed = await world.db.select().from(events).where(eq(events.type, 'environment.closed'))
    expect(closed).toHaveLength(6)
  }, 60_000)
})

describe('installations and repositories', () => {
  test('M50: a renamed and then transferred repository keeps its row and environments, and its pushes are built', async () => {
    await knownSince(-60)
    const round = reconciliation(deps)
    await round()
    world.sandbox.github.renameRepository('acme/shop', 'store')
    const head = await pushed()
    expect((await round()).synced).toEqual(['acme/store main'])
    expect(await repository()).toMatchObject({ name: 'store', removedAt: null })
    expect((await built()).at(-1)).toBe(`production ${head}`)

    const { github } = world.sandbox
    const before = await world.db.select({ id: environments.id }).from(environments)
    const theirs = github.install('alice')
    github.transferRepository('acme/store', 'alice')
    const after = await pushed()
    await round()
    await round()
    const moved = { id: world.repositoryId, owner: 'alice', name: 'store', installationId: theirs }
    expect(await repository()).toMatchObject({ ...moved, removedAt: null })
    expect((await built()).at(-1)).toBe(`production ${after}`)
    expect(await world.db.select({ id: environments.id }).from(environments)).toEqual(before)
  })

  test('M50: a suspended installation is left alone without an error, and caught up with when it is back', async () => {
    await knownSince(-60)
    const round = reconciliation(deps)
    await round()
    world.sandbox.github.suspend('acme')
    const head = await pushed()
    expect(await round()).toEqual({ synced: [], closed: [], failed: 0 })
    const [row] = await world.db.select().from(installations)
    expect(row?.suspendedAt).not.toBeNull()
    world.sandbox.github.unsuspend('acme')
    expect((await round()).synced).toEqual(['acme/shop main'])
    expect((await built()).at(-1)).toBe(`production ${head}`)
  })

  test('one taken out, one added and one uninstalled are known after a round', async () => {
    const { github } = world.sandbox
    const round = reconciliation(deps)
    const other = await github.createRepository({ owner: 'acme', name: 'other' })
    github.removeRepositories('acme', ['acme/shop'])
    await round()
    expect(await repository()).toMatchObject({ removedAt: expect.any(Date) })
    const rows = await world.db.select().from(repositories).where(eq(repositories.id, other.id))
    expect(rows).toMatchObject([{ name: 'other', removedAt: null }])
    github.uninstall('acme')
    await round()
    const [row] = await world.db.select().from(installations)
    expect(row?.deletedAt).not.toBeNull()
  })

  test('a list that lacks a repository the App still covers removes nothing', async () => {
    const round = reconciliation(deps)
    await round()
    const body = { total_count: 0, repositories: [] }
    world.sandbox.github.faults.rest.push({ pathPattern: /\/installation\/repositories/, status: 200, body })
    await round()
    expect(await repository()).toMatchObject({ removedAt: null })
  })
})
