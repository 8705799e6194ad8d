// From where heads stand to builds: whatever the deliveries do, the last head gets the highest number.
import { and, asc, eq, isNull } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { rebuild } from '../../src/builds/admission/rebuild.ts'
import { syncBranch } from '../../src/builds/admission/sync-branch.ts'
import { syncPull } from '../../src/builds/admission/sync-pull.ts'
import { builderVersion } from '../../src/builds/builder-version.ts'
import { noteBuilder } from '../../src/builds/builders-store.ts'
import type { TreeEntry } from '../../src/builds/ports.ts'
import { basisOf } from '../../src/builds/scope/basis.ts'
import { buildVariables } from '../../src/builds/scope/content-store.ts'
import { contentDigest, scopeOf } from '../../src/builds/scope/scope.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, environments, events } from '../../src/db/schema.ts'
import { findRepository, listOpenEnvironments, repositoryFileOf } from '../../src/environments/store.ts'
import { AppError } from '../../src/errors.ts'
import { commit, createHost } from '../fakes/host.ts'
import { createTestCore, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'sync test' })
})
afterAll(() => database.close())

async function setup() {
  const { db } = database
  const core = createTestCore(db)
  const repository = await insertRepository(db)
  const source = createHost()
  const deps = { core, source }
  return {
    db,
    core,
    source,
    repository,
    push: (branch: string) => syncBranch(deps, { repositoryId: repository.id, branch }),
    pull: (number: number) => syncPull(deps, { repositoryId: repository.id, number }),
    async builds() {
      const rows = await db
        .select({ build: builds, environment: environments.name })
        .from(builds)
        .innerJoin(environments, eq(environments.id, builds.environmentId))
        .where(eq(environments.repositoryId, repository.id))
        .orderBy(asc(environments.name), asc(builds.number))
      return rows.map(({ build, environment }) => [
        environment,
        build.number,
        build.sha.slice(0, 1),
        build.state,
      ])
    },
    async idOf(number: number) {
      const rows = await db
        .select({ id: builds.id, number: builds.number })
        .from(builds)
        .innerJoin(environments, eq(environments.id, builds.environmentId))
        .where(eq(environments.repositoryId, repository.id))
      return rows.find(row => row.number === number)?.id ?? ''
    },
    async eventTypes() {
      const rows = await db
        .select()
        .from(events)
        .where(eq(events.repositoryId, repository.id))
        .orderBy(asc(events.id))
      return rows.map(row => row.type)
    },
  }
}

const openPull = (sha: string, fromFork = false) => ({
  number: 7,
  open: true,
  merged: false,
  title: 'Topic',
  author: 'walt',
  updatedAt: new Date('2026-01-01T00:00:00Z'),
  head: { ...commit(sha), branch: 'topic', fromFork },
  baseBranch: 'main',
})

describe('syncBranch', () => {
  test('fifty identical pushes at once make one build and one job', async () => {
    const { source, core, push, builds } = await setup()
    source.branches.set('main', commit('a'))
    await Promise.all(Array.from({ length: 50 }, () => push('main')))
    expect(await builds()).toEqual([['production', 1, 'a', 'queued']])
    expect(core.sent.filter(job => job.queue === 'build')).toHaveLength(1)
  })

  test('a head that moves while it is admitted is admitted too, with the higher number', async () => {
    const { source, push, builds } = await setup()
    source.branches.set('main', commit('a'))
    source.onLook = looks => {
      if (looks === 0) source.branches.set('main', commit('b'))
    }
    await push('main')
    expect(await builds()).toEqual([
      ['production', 1, 'a', 'superseded'],
      ['production', 2, 'b', 'queued'],
    ])
  })

  test('M34: pushes of A and B handled at once, in any order, end with B', async () => {
    for (let round = 0; round < 10; round++) {
      const { source, push, builds } = await setup()
      source.branches.set('main', commit('a'))
      const first = push('main')
      source.branches.set('main', commit('b'))
      await Promise.all([first, push('main'), push('main')])
      const last = (await builds()).at(-1)
      expect(last?.slice(2)).toEqual(['b', 'queued'])
    }
  })

  test('a branch that nothing maps, or that is gone, builds nothing', async () => {
    const { source, push, builds } = await setup()
    source.branches.set('topic', commit('a'))
    await push('topic')
    await push('gone')
    expect(await builds()).toEqual([])
  })

  test('the file of the default branch maps others; a broken one leaves the last good one in force', async () => {
    const { db, source, push, builds, repository, eventTypes } = await setup()
    const [one, two] = [commit('a'), commit('b')]
    source.branches.set('main', one)
    source.files.set(
      `${one.sha}:.github/sluice.yml`,
      'environments: { live: { branch: main }, qa: { branch: "qa/*" } }',
    )
    await push('main')
    source.branches.set('qa/x', commit('c'))
    await push('qa/x')
    source.branches.set('main', two)
    source.files.set(`${two.sha}:.github/sluice.yml`, 'environments:\n  live: { brnch: main }\n')
    await push('main')
    expect(await builds()).toEqual([
      ['live', 1, 'a', 'superseded'],
      ['live', 2, 'b', 'queued'],
      ['qa-x', 1, 'c', 'queued'],
    ])
    const stored = await findRepository(db, repository.id)
    expect(stored?.configProblems).toHaveLength(2)
    expect(stored && Object.keys(repositoryFileOf(stored).environments ?? {}).toSorted()).toEqual([
      'live',
      'qa',
    ])
    expect((await eventTypes()).filter(type => type.startsWith('config.'))).toEqual([
      'config.accepted',
      'config.rejected',
    ])
  })
})

describe('syncPull', () => {
  test('a pull request is built in an environment of its own, and closed with it', async () => {
    const { source, pull, builds, eventTypes } = await setup()
    source.pulls.set(7, openPull('a'))
    await Promise.all([pull(7), pull(7)])
    source.pulls.set(7, { ...openPull('a'), open: false })
    await Promise.all([pull(7), pull(7), pull(7)])
    expect(await builds()).toEqual([['pr-7', 1, 'a', 'cancelled']])
    expect((await eventTypes()).filter(type => type.startsWith('environment.'))).toEqual([
      'environment.opened',
      'environment.closed',
    ])
  })

  test('a close that comes first opens nothing; a reopened one is built again', async () => {
    const { source, pull, builds } = await setup()
    source.pulls.set(7, { ...openPull('a'), open: false })
    await pull(7)
    expect(await builds()).toEqual([])
    source.pulls.set(7, openPull('b'))
    await pull(7)
    expect(await builds()).toEqual([['pr-7', 1, 'b', 'queued']])
  })

  test('M44: of a fork nothing is built by itself', async () => {
    const { source, pull, builds } = await setup()
    source.pulls.set(7, openPull('a', true))
    await pull(7)
    expect(await builds()).toEqual([])
  })
})

/** As if every build there is had succeeded, made of `tree`, and gone live. */
async function succeedAll(
  db: Database['db'],
  repositoryId: number,
  tree: TreeEntry[],
  builder = builderVersion,
) {
  const open = await listOpenEnvironments(db, repositoryId)
  const variablesOf = await buildVariables(db, open)
  for (const environment of open) {
    const { id, root, watch, build } = environment
    if (!build) throw new Error('an environment without settings')
    const scope = scopeOf({ root, packages: [], inputs: [], folders: [], files: [] })
    const digest = contentDigest(
      scope,
      tree,
      basisOf({ root, watch, build, variables: variablesOf(id), builder }),
    )
    const [done] = await db
      .update(builds)
      .set({ state: 'succeeded', manifest: [], scope, contentDigest: digest, finishedAt: new Date() })
      .where(and(eq(builds.environmentId, id), isNull(builds.finishedAt)))
      .returning()
    if (done) await db.update(environments).set({ activeBuildId: done.id }).where(eq(environments.id, id))
  }
}

const entry = (path: string, sha: string): TreeEntry => ({ path, mode: '100644', sha })

test('twenty projects on one branch: a push asks for one tree and builds the one it changes', async () => {
  const { db, core, source, push, builds: list, repository, eventTypes } = await setup()
  const names = Array.from({ length: 20 }, (_, index) => `app-${String(index).padStart(2, '0')}`)
  const file = names.map(name => `  ${name}: { branch: main, root: apps/${name} }\n`).join('')
  const [one, two] = [commit('a'), commit('b')]
  const before = names.map(name => entry(`apps/${name}/defer/a.ts`, '1'))
  for (const { sha } of [one, two]) source.files.set(`${sha}:.github/sluice.yml`, `environments:\n${file}`)
  source.branches.set('main', one)
  await push('main')
  expect(source.treesRead).toBe(0)
  await succeedAll(db, repository.id, before)

  source.trees.set(two.sha, [...before.slice(1), entry(`apps/${names[0]}/defer/a.ts`, '2')])
  source.branches.set('main', two)
  const sent = core.sent.length
  await Promise.all([push('main'), push('main'), push('main')])
  const states = (await list()).filter(([, number]) => number === 2)
  expect(states.map(([name, , , state]) => [name, state])).toEqual(
    names.map((name, index) => [name, index === 0 ? 'queued' : 'unchanged']),
  )
  expect(core.sent.slice(sent).filter(job => job.queue === 'build')).toHaveLength(1)
  expect((await eventTypes()).filter(type => type === 'build.unchanged')).toHaveLength(19)
})

test('a builder of another version makes something else of the same', async () => {
  const { db, source, push, builds: list, repository } = await setup()
  const [one, two, three, four] = [commit('a'), commit('b'), commit('c'), commit('d')]
  const file = 'build: { builder: canary }\n'
  const tree = [entry('defer/a.ts', '1')]
  for (const { sha } of [one, two, three, four]) {
    source.files.set(`${sha}:.github/sluice.yml`, file)
    source.trees.set(sha, tree)
  }
  const pushed = async (at: typeof one) => {
    source.branches.set('main', at)
    await push('main')
    return (await list()).at(-1)?.[3]
  }
  await pushed(one)
  await succeedAll(db, repository.id, tree, '2.0.0-canary')
  // No builder of the channel was ever started.
  expect(await pushed(two)).toBe('queued')
  await succeedAll(db, repository.id, tree, '2.0.0-canary')
  await noteBuilder(db, 'canary', '2.0.0-canary')
  expect(await pushed(three)).toBe('unchanged')
  await noteBuilder(db, 'canary', '2.1.0-canary')
  expect(await pushed(four)).toBe('queued')
})

test('a preview is built first, and then where the request changes what it is made of', async () => {
  const { db, source, pull, builds: list, repository } = await setup()
  const tree = [entry('defer/a.ts', '1'), entry('README.md', '1')]
  source.pulls.set(7, openPull('a'))
  await pull(7)
  await succeedAll(db, repository.id, tree)
  source.trees.set(commit('b').sha, [entry('defer/a.ts', '1'), entry('README.md', '2')])
  source.pulls.set(7, openPull('b'))
  await pull(7)
  source.trees.set(commit('c').sha, [entry('defer/a.ts', '2')])
  source.pulls.set(7, openPull('c'))
  await pull(7)
  expect(await list()).toEqual([
    ['pr-7', 1, 'a', 'succeeded'],
    ['pr-7', 2, 'b', 'unchanged'],
    ['pr-7', 3, 'c', 'queued'],
  ])
})

test('a host that cannot list a commit for the moment is asked again, one that refuses is not', async () => {
  const { db, source, push, builds: list, repository } = await setup()
  source.branches.set('main', commit('a'))
  await push('main')
  await succeedAll(db, repository.id, [])
  const { tree } = source
  source.tree = async () => Promise.reject(new AppError('unavailable', 'later'))
  source.branches.set('main', commit('b'))
  await expect(push('main')).rejects.toThrow('later')
  expect(await list()).toHaveLength(1)
  source.tree = async () => Promise.reject(new AppError('forbidden', 'never'))
  await push('main')
  expect((await list()).at(-1)).toEqual(['production', 2, 'b', 'queued'])
  source.tree = tree
})

test('a re-run builds the newest commit again, and an older one not', async () => {
  const { db, core, source, push, builds: list, idOf } = await setup()
  source.branches.set('main', commit('a'))
  await push('main')
  const first = await idOf(1)
  await db.update(builds).set({ state: 'failed', finishedAt: new Date() }).where(eq(builds.id, first))
  await rebuild(core, { buildId: first, actor: 'alice' })
  expect(await list()).toEqual([
    ['production', 1, 'a', 'failed'],
    ['production', 2, 'a', 'queued'],
  ])
  source.branches.set('main', commit('b'))
  await push('main')
  await rebuild(core, { buildId: await idOf(2), actor: 'alice' })
  expect((await list()).map(([, number]) => number)).toEqual([1, 2, 3])
})
