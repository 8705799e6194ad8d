// From where heads stand to builds: whatever the deliveries do, the last head gets the highest number.
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { rebuild } from '../../src/builds/rebuild.ts'
import { syncBranch } from '../../src/builds/sync-branch.ts'
import { syncPull } from '../../src/builds/sync-pull.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, environments, events } from '../../src/db/schema.ts'
import { findRepository, repositoryFileOf } from '../../src/environments/store.ts'
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
  title: 'Topic',
  author: 'walt',
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

  test('pushes of A and B handled at once, in any order, end with B', async () => {
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

  test('a fork is never built', async () => {
    const { source, pull, builds } = await setup()
    source.pulls.set(7, openPull('a', true))
    await pull(7)
    expect(await builds()).toEqual([])
  })
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
