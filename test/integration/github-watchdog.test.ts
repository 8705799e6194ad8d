// A build that nobody builds, on the local GitHub: its check ends all the same, whatever else happens meanwhile.
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { admit, admitAll } from '../../src/builds/admission/admit.ts'
import { rebuild } from '../../src/builds/admission/rebuild.ts'
import { concludeOverdue } from '../../src/builds/watchdog.ts'
import { createJobs, type Jobs } from '../../src/db/jobs.ts'
import { builds, reports } from '../../src/db/schema.ts'
import { type Core, createAppend } from '../../src/events/outbox.ts'
import { createReporting } from '../../src/events/reporter.ts'
import { syncInstallation } from '../../src/github/installations.ts'
import { githubReporters } from '../../src/github/reports/reporters.ts'
import { githubTargets } from '../../src/github/reports/targets.ts'
import { type Service, stopAll } from '../../src/service.ts'
import { addEnvironment, createWorld, log, type World } from '../support/github-world.ts'

let world: World
let core: Core
let jobs: Jobs
let services: Service[]
beforeAll(async () => {
  world = await createWorld()
  const { db, database, github } = world
  jobs = createJobs(database, log)
  core = { db, pool: db, jobs, append: createAppend(jobs, [githubTargets]) }
  const reporting = createReporting({
    ...{ core, log },
    reporters: githubReporters({ db, jobs, github, log, url: world.sandbox.github.url }),
  })
  services = [{ name: 'jobs', start: jobs.start, stop: jobs.stop }, reporting]
  for (const service of services) await service.start()
})
afterAll(async () => {
  await stopAll(services, new Date(Date.now() + 5_000))
  await world[Symbol.asyncDispose]()
})

const patience = { timeout: 30_000, interval: 50 }

async function queued(name: string) {
  const sha = await world.checkout.commit(`for ${name}`)
  await world.checkout.push('origin', 'HEAD:main')
  const environmentId = await addEnvironment(world, { name, production: false })
  const buildId = await admit(core, environmentId, {
    commit: { sha, message: 'work', author: 'alice' },
    ...{ ref: 'refs/heads/main', again: false, actor: 'alice', tree: null },
  })
  if (!buildId) throw new Error('not admitted')
  const check = () => world.sandbox.github.checkRuns(world.full, sha).find(one => one.name.endsWith(name))
  await expect.poll(check, patience).toMatchObject({ status: 'queued' })
  return { buildId, check }
}

const age = (buildId: string, minutes: number) =>
  world.db
    .update(builds)
    .set({ createdAt: sql`now() - make_interval(mins => ${minutes})` })
    .where(eq(builds.id, buildId))

test('M21, M29: each environment of a push has its check at once; the next push ends it neutral, with the name of its successor', async () => {
  const names = ['one', 'two', 'three']
  const environmentIds = await Promise.all(
    names.map(name => addEnvironment(world, { name, production: false })),
  )
  const push = async () => {
    const sha = await world.checkout.commit('pushed')
    await world.checkout.push('origin', 'HEAD:main')
    const began = performance.now()
    const commit = { sha, message: 'work', author: 'alice' }
    await admitAll(core, environmentIds, {
      ...{ commit, ref: 'refs/heads/main', again: false, actor: 'alice', tree: null },
    })
    const checks = () => new Map(world.sandbox.github.checkRuns(world.full, sha).map(one => [one.name, one]))
    await expect.poll(() => checks().size, patience).toBe(names.length)
    console.info(`three checks after an admission: ${Math.round(performance.now() - began)} ms`)
    return { sha, checks }
  }
  const first = await push()
  for (const name of names) expect(first.checks().get(`Sluice / ${name}`)).toMatchObject({ status: 'queued' })
  const second = await push()
  for (const name of names)
    await expect
      .poll(() => first.checks().get(`Sluice / ${name}`), patience)
      .toMatchObject({ conclusion: 'neutral', title: `Superseded by ${second.sha.slice(0, 7)}` })
})

test('M30: what no builder takes up is timed out with what to do, and a re-run brings it back', async () => {
  const { buildId, check } = await queued('unattended')
  await concludeOverdue(core, log)
  expect(check()).toMatchObject({ status: 'queued' })
  await age(buildId, 31)
  await concludeOverdue(core, log)
  await expect.poll(check, patience).toMatchObject({
    conclusion: 'timed_out',
    summary: expect.stringContaining('Re-run its check to build the commit again'),
    actions: [expect.objectContaining({ identifier: 'retry' })],
  })
  await rebuild(core, { buildId, actor: 'alice' })
  await expect.poll(check, patience).toMatchObject({ status: 'queued', conclusion: null, actions: [] })
})

test('M30: a build whose job is lost is given up, one that a builder works on is not', async () => {
  const { buildId, check } = await queued('lost')
  const busy = await queued('busy')
  const begun = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  await jobs.work('build', 10, async ({ buildId: given }) => {
    if (given !== busy.buildId) return
    begun.resolve()
    await over.promise
  })
  await begun.promise
  const state = sql`select state from pgboss.job where data->>'buildId' = ${buildId}`
  await expect.poll(async () => (await world.db.execute(state))[0], patience).toEqual({ state: 'completed' })
  await age(buildId, 2)
  await age(busy.buildId, 40)
  await concludeOverdue(core, log)
  await expect.poll(check, patience).toMatchObject({ conclusion: 'timed_out' })
  expect(busy.check()).toMatchObject({ status: 'queued' })
  over.resolve()
})

test('M30, M50: while the App is suspended the end is kept, and written when it may be written again', async () => {
  const { buildId, check } = await queued('suspended')
  const { sandbox, installationId, db, github } = world
  const sync = () => syncInstallation({ db, jobs, log, ...github }, installationId)
  sandbox.github.suspend('acme')
  await sync()
  await age(buildId, 31)
  await concludeOverdue(core, log)
  const report = async () => (await db.select().from(reports).where(eq(reports.subject, buildId)))[0]
  await expect.poll(async () => (await report())?.error, patience).toContain('suspended')
  expect(check()).toMatchObject({ status: 'queued' })
  sandbox.github.unsuspend('acme')
  await sync()
  await expect.poll(check, patience).toMatchObject({ status: 'completed', conclusion: 'timed_out' })
})
