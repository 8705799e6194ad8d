// The life of previews: closed for want of pushes, or for being too many and only after it was said; woken by the next push.
import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { syncPull } from '../../src/builds/admission/sync-pull.ts'
import { sweepPreviews } from '../../src/builds/previews/sweep-previews.ts'
import { headline } from '../../src/builds/views/view.ts'
import { loadBuildView, newestBuildId } from '../../src/builds/views/view-store.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { builds, environments, events } from '../../src/db/schema.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'
import { previewOf } from '../../src/environments/store.ts'
import { renderCheck } from '../../src/github/reports/checks/render-check.ts'
import { renderComment } from '../../src/github/reports/comments/render-comment.ts'
import { renderDeployment } from '../../src/github/reports/deployments/render-deployment.ts'
import { commit, createHost } from '../fakes/host.ts'
import { aPull } from '../support/build-view.ts'
import { createTestCore, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'

const log = pino({ level: 'silent' })
const hour = 3_600_000
let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'previews test' })
})
afterAll(() => database.close())

async function setup({ limit = 2 } = {}) {
  const { db } = database
  const core = createTestCore(db)
  const { previews, ...file } = defaultRepositoryFile
  const repository = await insertRepository(db, { config: { ...file, previews: { ...previews, limit } } })
  const source = createHost()
  const push = async (number: number, sha: string, open = true) => {
    const updatedAt = new Date()
    const head = { ...commit(sha), branch: `topic-${number}`, fromFork: false }
    source.pulls.set(number, {
      number,
      open,
      merged: false,
      title: 'Topic',
      author: 'walt',
      updatedAt,
      head,
      baseBranch: 'main',
    })
    await syncPull({ core, source }, { repositoryId: repository.id, number })
  }
  const preview = async (number: number) => {
    const found = await previewOf(db, repository.id, number)
    if (!found) throw new Error(`there is no preview ${number}`)
    return found
  }
  return {
    ...{ db, push, preview },
    sweep: (hours: number) => sweepPreviews({ core, log }, new Date(Date.now() + hours * hour)),
    async view(number: number) {
      const id = await newestBuildId(db, (await preview(number)).id)
      const view = id && (await loadBuildView(db, id))
      if (!view) throw new Error(`preview ${number} has no build`)
      return view
    },
    async succeed(number: number) {
      const { id } = await preview(number)
      const done = { state: 'succeeded' as const, manifest: [], finishedAt: new Date() }
      await db.update(builds).set(done).where(eq(builds.environmentId, id))
    },
    /** It was pushed to so long ago. */
    async age(number: number, hours: number) {
      const { id } = await preview(number)
      const then = new Date(Date.now() - hours * hour)
      await db.update(environments).set({ openedAt: then }).where(eq(environments.id, id))
      await db.update(builds).set({ createdAt: then }).where(eq(builds.environmentId, id))
    },
    async happened(number: number) {
      const { id } = await preview(number)
      const rows = await db.select().from(events).where(eq(events.environmentId, id)).orderBy(asc(events.id))
      return rows.map(({ type }) => type).filter(type => type.startsWith('environment.'))
    },
  }
}

test('M33: one without a push for its time is closed, and check, comment and deployment say why', async () => {
  const { push, preview, sweep, view, succeed } = await setup()
  await push(1, 'a')
  await succeed(1)
  await sweep(7 * 24 - 1)
  expect(await preview(1)).toMatchObject({ closedAt: null })
  await sweep(7 * 24 + 1)
  expect(await preview(1)).toMatchObject({ closedAt: expect.any(Date), closedBecause: 'expired' })
  const closed = await view(1)
  const said = 'pr-1 was closed: no push for 7 days. The next one wakes it'
  expect(headline(closed)).toContain(said)
  expect(renderCheck(closed)).toMatchObject({ conclusion: 'skipped', title: expect.stringContaining(said) })
  expect(renderComment(aPull([closed]), true)).toContain('no push for 7 days')
  expect(renderDeployment(closed)).toEqual({
    state: 'inactive',
    description: expect.stringContaining(said),
  })
})

test('a push wakes it, and its time begins anew; so does opening the request again', async () => {
  const { push, preview, sweep, succeed, age, happened } = await setup()
  await push(1, 'a')
  await succeed(1)
  await age(1, 8 * 24)
  await sweep(0)
  expect((await preview(1)).closedAt).not.toBeNull()
  await push(1, 'b')
  await sweep(0)
  expect(await preview(1)).toMatchObject({ closedAt: null, closedBecause: null })
  await push(1, 'b', false)
  expect(await preview(1)).toMatchObject({ closedBecause: 'pull_closed' })
  await push(1, 'b')
  await sweep(7 * 24 - 1)
  expect(await preview(1)).toMatchObject({ closedAt: null })
  expect(await happened(1)).toEqual([
    ...['environment.opened', 'environment.closed', 'environment.opened'],
    ...['environment.closed', 'environment.opened'],
  ])
})

test('one too many: the longest without a push is told an hour before in check and comment, then goes', async () => {
  const { push, preview, sweep, view, succeed, age, happened } = await setup()
  for (const number of [1, 2, 3]) {
    await push(number, 'a')
    await succeed(number)
    await age(number, 10 - number)
  }
  await sweep(0)
  const told = await view(1)
  const warning = /`pr-1` is to be closed at .* UTC.* More than 2 previews are open/
  expect(renderCheck(told).summary).toMatch(warning)
  expect(renderComment(aPull([told]), true)).toMatch(warning)
  await sweep(0.9)
  expect(await preview(1)).toMatchObject({ closedAt: null })
  await sweep(1.1)
  expect(await preview(1)).toMatchObject({ closedBecause: 'evicted', evictAt: null })
  expect(headline(await view(1))).toContain('more than 2 previews were open')
  expect((await preview(2)).closedAt).toBeNull()
  expect(await happened(1)).toEqual([
    ...['environment.opened', 'environment.eviction_announced', 'environment.closed'],
  ])
})

test('one that was told and is pushed to stays; the next oldest is told instead', async () => {
  const { push, preview, sweep, succeed, age, happened } = await setup()
  for (const number of [1, 2, 3]) {
    await push(number, 'a')
    await succeed(number)
    await age(number, 10 - number)
  }
  await sweep(0)
  await push(1, 'b')
  await sweep(2)
  expect(await preview(1)).toMatchObject({ closedAt: null, evictAt: null })
  expect(await happened(1)).toContain('environment.eviction_lifted')
  expect((await preview(2)).evictAt).not.toBeNull()
})

test('two processes that sweep at once close it once', async () => {
  const { push, sweep, age, happened } = await setup()
  await push(1, 'a')
  await age(1, 8 * 24)
  await Promise.all([sweep(0), sweep(0), sweep(0)])
  expect(await happened(1)).toEqual(['environment.opened', 'environment.closed'])
})
