// The merge queue of the local GitHub: a group gets the checks it waits for, at once, and nothing of it is built.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMergeCheckReporter } from '../../src/github/reports/checks/merge-check.ts'
import { readGroupRef } from '../../src/github/reports/checks/merge-queue.ts'
import {
  addEnvironment,
  addPull,
  byHand,
  callsDuring,
  createWorld,
  type World,
} from '../support/github-world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

async function enqueued() {
  const pull = await addPull(world)
  const octokit = await world.github.octokitFor(world.installationId)
  const place = { owner: 'acme', repo: 'shop' }
  const required = { ...place, name: `Sluice / pr-${pull.number}`, head_sha: pull.sha }
  await octokit.rest.checks.create({ ...required, conclusion: 'success' })
  const base = (await octokit.rest.git.getRef({ ...place, ref: 'heads/main' })).data.object.sha
  const sha = await world.sandbox.github.enqueue(world.full, pull.number, 'alice')
  const ref = `refs/heads/gh-readonly-queue/main/pr-${pull.number}-${base}`
  const { db, github } = world
  const reporter = createMergeCheckReporter({ db, octokitFor: github.octokitFor })
  const checks = () =>
    world.sandbox.github.checkRuns(world.full, sha).map(({ name, conclusion }) => `${name}: ${conclusion}`)
  return { pull, checks, report: byHand(reporter, `${world.repositoryId}@${sha}@${ref}`) }
}

test('M23: its commit has the checks of the base branch and of the preview, by the same names, once, and is merged', async () => {
  await addEnvironment(world, { name: 'production' })
  await addEnvironment(world, { name: 'reports' })
  await addEnvironment(world, { name: 'staging', branch: 'develop' })
  await addEnvironment(world, { name: 'gone', closedAt: new Date() })
  const { pull, checks, report } = await enqueued()
  await report.write()
  const expected = ['production', 'reports', `pr-${pull.number}`].map(name => `Sluice / ${name}: neutral`)
  expect(checks()).toEqual(expected)
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.pulls.get({ owner: 'acme', repo: 'shop', pull_number: pull.number })
  expect(data.merged).toBe(true)
  expect(await callsDuring(() => report.write())).toEqual([])
})

test('M23: a base branch that nothing was pushed to yet has its checks all the same, and no try leaves a twin', async () => {
  const { pull, checks, report } = await enqueued()
  await expect(report.write({ diesAtRemember: 2 })).rejects.toThrow('killed')
  await report.write()
  expect(checks()).toContain(`Sluice / pr-${pull.number}: neutral`)
  expect(new Set(checks()).size).toBe(checks().length)
})

test.each([
  ['refs/heads/gh-readonly-queue/main/pr-7-0a1b', { base: 'main', pullNumber: 7 }],
  ['refs/heads/gh-readonly-queue/release/pr-1/pr-22-ff', { base: 'release/pr-1', pullNumber: 22 }],
  ['refs/heads/gh-readonly-queue/main', null],
  ['refs/heads/main/pr-7-0a1b', null],
])('the ref of a group %s', (ref, read) => {
  expect(readGroupRef(ref)).toEqual(read)
})
