// GitHub's deployments of builds on the local GitHub: one each, in the right state, and nobody else's touched.

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builds, environments, reports } from '../../src/db/schema.ts'
import { createDeploymentReporter } from '../../src/github/reports/deployments/deployment.ts'
import { createEnvironmentDeploymentsReporter } from '../../src/github/reports/deployments/environment-deployments.ts'
import {
  addBuild,
  addEnvironment,
  addPull,
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

const place = { owner: 'acme', repo: 'shop' }
const reporter = () => createDeploymentReporter({ db: world.db, octokitFor: world.github.octokitFor })

async function deployments(environment: string) {
  const octokit = await world.github.octokitFor(world.installationId)
  const { data } = await octokit.rest.repos.listDeployments({ ...place, environment })
  return Promise.all(
    data.map(async ({ id, sha, transient_environment, production_environment }) => {
      const statuses = await octokit.rest.repos.listDeploymentStatuses({ ...place, deployment_id: id })
      const states = statuses.data.map(status => status.state).reverse()
      return { sha, transient: transient_environment, production: production_environment, states }
    }),
  )
}

test('M31: is queued before the build, then in progress, then live; the one it replaces becomes inactive', async () => {
  const environmentId = await addEnvironment(world)
  const first = await addBuild(world, environmentId, { state: 'succeeded', live: true })
  const one = byHand(reporter(), first)
  await one.write()
  const sha = await world.checkout.commit('second')
  await world.checkout.push('origin', 'HEAD:main')
  const second = await addBuild(world, environmentId, { sha })
  const two = byHand(reporter(), second)
  await two.write()
  await setBuild(world, second, { state: 'compiling' })
  await two.write()
  await setBuild(world, second, { state: 'succeeded' })
  await makeLive(world, environmentId, second)
  await two.write()
  await one.write()
  expect(await deployments('production')).toEqual([
    { sha, transient: false, production: true, states: ['queued', 'in_progress', 'success'] },
    expect.objectContaining({ states: ['success', 'inactive'] }),
  ])
  await makeLive(world, environmentId, first)
  await one.write()
  await two.write()
  const after = await deployments('production')
  expect(after.map(deployment => deployment.states.at(-1))).toEqual(['inactive', 'success'])
})

test('M31: is asked for as it is, and never merges anything or waits for checks', async () => {
  const asked: object[] = []
  const octokitFor = async (installationId: number) => {
    const octokit = await world.github.octokitFor(installationId)
    octokit.hook.before('request', options => {
      if (options.url.endsWith('/deployments')) asked.push(options)
    })
    return octokit
  }
  const deploy = createDeploymentReporter({ db: world.db, octokitFor })
  const environmentId = await addEnvironment(world, { name: 'asked', production: true })
  await byHand(deploy, await addBuild(world, environmentId)).write()
  const { environmentId: preview, sha } = await addPull(world)
  await byHand(deploy, await addBuild(world, preview, { sha })).write()
  const always = { auto_merge: false, required_contexts: [] }
  expect(asked).toMatchObject([
    { ...always, production_environment: true, transient_environment: false },
    { ...always, production_environment: false, transient_environment: true },
  ])
})

test('M32: of one pull request never touches that of another', async () => {
  const [a, b] = [await addPull(world), await addPull(world)]
  for (const { environmentId, sha } of [a, b]) {
    const buildId = await addBuild(world, environmentId, { sha, state: 'succeeded', live: true })
    await byHand(reporter(), buildId).write()
  }
  for (const { number } of [a, b]) {
    expect(await deployments(`pr-${number}`)).toEqual([
      expect.objectContaining({ transient: true, production: false, states: ['success'] }),
    ])
  }
})

test.each([
  ['before its number was noted', { diesAtRemember: 2 }],
  ['before its creation was', { diesAtRemember: 1 }],
])('a try that dies %s leaves no twin', async (_name, death) => {
  const name = `env-${Math.random().toString(36).slice(2, 8)}`
  const environmentId = await addEnvironment(world, { name, production: false })
  const deployment = byHand(reporter(), await addBuild(world, environmentId))
  await expect(deployment.write(death)).rejects.toThrow('killed')
  await deployment.write()
  expect(await deployments(name)).toEqual([expect.objectContaining({ states: ['queued'] })])
  expect(await callsDuring(() => deployment.write())).toEqual([])
})

test('a build that was superseded before anybody was told of it gets none', async () => {
  const environmentId = await addEnvironment(world, { name: 'quiet', production: false })
  const buildId = await addBuild(world, environmentId, { state: 'superseded' })
  const deployment = byHand(reporter(), buildId)
  expect(await callsDuring(() => deployment.write())).toEqual([])
})

test('M33: when a preview is closed all its deployments are marked, and become inactive, failed ones too; one that GitHub would not take is kept for the next try', async () => {
  const { number, sha, environmentId } = await addPull(world)
  const failed = await addBuild(world, environmentId, {
    ...{ sha, state: 'failed', failure: { code: 'x', message: 'no', annotations: [] } },
  })
  const live = await addBuild(world, environmentId, { sha, state: 'succeeded', live: true })
  const [one, two] = [byHand(reporter(), failed), byHand(reporter(), live)]
  await one.write()
  await two.write()
  for (const [subject, remote] of [
    [failed, one.remote()],
    [live, two.remote()],
  ] as const) {
    await world.db.insert(reports).values({ kind: 'deployment', subject, remote, wanted: 1, written: 1 })
  }
  await world.db.update(environments).set({ closedAt: new Date() }).where(eq(environments.id, environmentId))
  const sent: unknown[] = []
  const jobs = { send: async (_db: unknown, _queue: unknown, data: unknown) => void sent.push(data) }
  const closing = createEnvironmentDeploymentsReporter({ db: world.db, jobs })
  await byHand(closing, environmentId).write()
  expect(sent).toHaveLength(2)
  const remembered = one.remote()
  world.sandbox.github.faults.rest.push({ method: 'POST', pathPattern: /statuses$/, status: 422 })
  await expect(one.write()).rejects.toThrow('422')
  expect(one.remote(), 'its number is kept, and that it does not say yet what it should').toEqual(remembered)
  await two.write()
  const halfway = (await deployments(`pr-${number}`)).map(deployment => deployment.states.at(-1))
  expect(halfway.toSorted()).toEqual(['failure', 'inactive'])
  const kept = await world.db.select().from(builds).where(eq(builds.environmentId, environmentId))
  expect(kept, 'nothing of the preview is deleted').toHaveLength(2)
  await one.write()
  const states = (await deployments(`pr-${number}`)).map(deployment => deployment.states.at(-1))
  expect(states).toEqual(['inactive', 'inactive'])
})
