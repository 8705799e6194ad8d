// The check of a build on the local GitHub: its states, its annotations, and no twin whatever happens in between.
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlays, repositories } from '../../src/db/schema.ts'
import { createCheckReporter } from '../../src/github/reports/checks/check.ts'
import { createConfigCheckReporter } from '../../src/github/reports/checks/config-check.ts'
import {
  addBuild,
  addEnvironment,
  byHand,
  callsDuring,
  createWorld,
  makeLive,
  setBuild,
  type World,
} from '../support/github-world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const reporter = () => createCheckReporter({ db: world.db, octokitFor: world.github.octokitFor })

async function freshBuild(state: 'queued' | 'failed' = 'queued', more = {}) {
  const sha = await world.checkout.commit(`a commit ${Math.random()}`)
  await world.checkout.push('origin', 'HEAD:main')
  const environmentId = await addEnvironment(world, { name: `env-${sha.slice(0, 8)}`, production: false })
  const buildId = await addBuild(world, environmentId, { sha, state, ...more })
  return { sha, environmentId, buildId }
}

const runsAt = (sha: string) => world.sandbox.github.checkRuns(world.full, sha)

async function allRuns(sha: string) {
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.checks.listForRef({
    owner: 'acme',
    repo: 'shop',
    ref: sha,
    filter: 'all',
  })
  return data.check_runs
}

test('M21: goes from queued through its stages to live, as one run', async () => {
  const { sha, environmentId, buildId } = await freshBuild()
  const check = byHand(reporter(), buildId)
  await check.write()
  expect(runsAt(sha)[0]).toMatchObject({ status: 'queued', externalId: buildId, title: 'Queued' })
  await setBuild(world, buildId, { state: 'installing', startedAt: new Date() })
  await check.write()
  expect(runsAt(sha)[0]).toMatchObject({ status: 'in_progress', title: 'Installing dependencies' })
  await setBuild(world, buildId, { state: 'succeeded' })
  await makeLive(world, environmentId, buildId, { added: ['greet'], archived: ['old'] })
  await check.write()
  const [run] = runsAt(sha)
  expect(run).toMatchObject({
    status: 'completed',
    conclusion: 'success',
    title: expect.stringContaining('1 added, 1 archived'),
  })
  expect(run?.name).toBe(`Sluice / env-${sha.slice(0, 8)}`)
  expect(run?.summary).toContain('| `greet` | added |')
  expect(await allRuns(sha)).toHaveLength(1)
})

test('says nothing twice: an unchanged state makes no call', async () => {
  const { buildId } = await freshBuild()
  const check = byHand(reporter(), buildId)
  expect(await callsDuring(() => check.write())).toHaveLength(1)
  expect(await callsDuring(() => check.write())).toEqual([])
})

test.each([
  ['before the number was noted', { diesAtRemember: 2 }],
  ['before it even said that it would create it', { diesAtRemember: 1 }],
])('a try that dies %s leaves no twin', async (_name, death) => {
  const { sha, buildId } = await freshBuild()
  const check = byHand(reporter(), buildId)
  await expect(check.write(death)).rejects.toThrow('killed')
  await check.write()
  expect(await allRuns(sha)).toHaveLength(1)
})

test('an answer that is lost after GitHub has created it leaves no twin', async () => {
  const { sha, buildId } = await freshBuild()
  const check = byHand(reporter(), buildId)
  world.sandbox.github.faults.rest.push({
    method: 'POST',
    pathPattern: /check-runs$/,
    status: 502,
    after: true,
  })
  await expect(check.write()).rejects.toThrow('502')
  await check.write()
  expect(await allRuns(sha)).toHaveLength(1)
})

test('M25: a build that is asked for again is a new run of the same name', async () => {
  const { sha, environmentId, buildId } = await freshBuild('failed', {
    failure: { code: 'x', message: 'no', annotations: [] },
  })
  await byHand(reporter(), buildId).write()
  const again = await addBuild(world, environmentId, { sha })
  await byHand(reporter(), again).write()
  expect(await allRuns(sha)).toHaveLength(2)
  expect(runsAt(sha)).toHaveLength(1)
  expect(runsAt(sha)[0]).toMatchObject({ externalId: again, status: 'queued' })
})

describe('annotations', () => {
  const annotations = Array.from({ length: 120 }, (_, index) => ({
    ...{ path: 'defer/greet.ts', startLine: index + 1, endLine: index + 1 },
    ...{ level: 'failure' as const, message: `mistake ${index + 1}` },
  }))
  const failure = { code: 'compile_failed', message: 'defer/greet.ts:1: unexpected end of file', annotations }

  test('M27: come in batches of 50, each once', async () => {
    const { sha, buildId } = await freshBuild('failed', { failure })
    const check = byHand(reporter(), buildId)
    expect(await callsDuring(() => check.write())).toHaveLength(3)
    const [run] = runsAt(sha)
    expect(run).toMatchObject({
      conclusion: 'failure',
      title: expect.stringContaining('unexpected end of file'),
    })
    expect(run?.annotations.map(one => one.start_line)).toEqual(annotations.map(one => one.startLine))
  })

  test('go on where a try died between two batches', async () => {
    const { sha, buildId } = await freshBuild('failed', { failure })
    const check = byHand(reporter(), buildId)
    world.sandbox.github.faults.rest.push({ method: 'PATCH', pathPattern: '/check-runs/', status: 500 })
    await expect(check.write()).rejects.toThrow('500')
    await check.write()
    expect(runsAt(sha)[0]?.annotations).toHaveLength(120)
  })
})

test('M29: a superseded build ends neutral and names what took its place', async () => {
  const { sha, environmentId, buildId } = await freshBuild()
  const check = byHand(reporter(), buildId)
  await check.write()
  await addBuild(world, environmentId, { sha: 'b'.repeat(40) })
  await setBuild(world, buildId, { state: 'superseded' })
  await check.write()
  expect(runsAt(sha)[0]).toMatchObject({ conclusion: 'neutral', title: 'Superseded by bbbbbbb' })
})

test('M35: a build held back by a pin says who pinned, why, and how it goes on', async () => {
  const { sha, environmentId, buildId } = await freshBuild()
  const before = await addBuild(world, environmentId, { sha: 'c'.repeat(40), number: 0, state: 'succeeded' })
  await makeLive(world, environmentId, before)
  await world.db
    .insert(overlays)
    .values({ environmentId, kind: 'pin', actor: 'max', reason: 'orders @everyone fail' })
  await setBuild(world, buildId, { state: 'succeeded' })
  await byHand(reporter(), buildId).write()
  const [run] = runsAt(sha)
  expect(run).toMatchObject({ conclusion: 'success', title: expect.stringContaining('is pinned to ccccccc') })
  expect(run?.summary).toContain('by `max`')
  expect(run?.summary).toContain('`/resume env-')
  expect(run?.summary).not.toContain('@everyone')
})

test('where the App is no longer wanted it gives up without a call', async () => {
  const { buildId } = await freshBuild()
  await world.db.update(repositories).set({ removedAt: new Date() })
  const check = byHand(reporter(), buildId)
  const calls = await callsDuring(() => expect(check.write()).rejects.toMatchObject({ code: 'forbidden' }))
  expect(calls).toEqual([])
  await world.db.update(repositories).set({ removedAt: null })
})

describe('the configuration check', () => {
  const config = () => createConfigCheckReporter({ db: world.db, octokitFor: world.github.octokitFor })

  test('is red on the lines that are wrong, and green on the commit that puts them right', async () => {
    const broken = await world.checkout.commit('break it', { '.github/sluice.yml': 'a: [' })
    const mended = await world.checkout.commit('mend it', { '.github/sluice.yml': '{}' })
    await world.checkout.push('origin', 'HEAD:main')
    const problems = [{ line: 1, column: 4, message: 'flow sequence is not closed' }]
    const which = eq(repositories.id, world.repositoryId)
    await world.db
      .update(repositories)
      .set({ configProblems: problems, configProblemsSha: broken })
      .where(which)
    await byHand(config(), `${world.repositoryId}@${broken}`).write()
    const [red] = runsAt(broken)
    expect(red).toMatchObject({ name: 'Sluice / configuration', conclusion: 'failure' })
    expect(red?.annotations).toMatchObject([{ path: '.github/sluice.yml', start_line: 1 }])
    await world.db
      .update(repositories)
      .set({ configProblems: [], configProblemsSha: null, configSha: mended })
      .where(which)
    await byHand(config(), `${world.repositoryId}@${mended}`).write()
    expect(runsAt(mended)[0]).toMatchObject({ conclusion: 'success' })
  })
})
