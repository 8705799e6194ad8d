// What happens to a build when the world interferes: a newer push, a stopped or killed builder, two builders at once, a
// failing network, a time limit. One result each time, and nothing left running or lying about.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import { slotsOf } from '../../src/builds/slots.ts'
import { defaultLimits } from '../../src/builds/tools.ts'
import { createBuildWorker } from '../../src/builds/worker.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { AppError } from '../../src/errors.ts'
import { createAppend } from '../../src/events/outbox.ts'
import { findIsolation } from '../../src/isolation/find-isolation.ts'
import { findMarked } from '../../src/isolation/marked.ts'
import { createLog } from '../../src/log.ts'
import { createTestBuilder } from '../support/builder.ts'
import { insertEnvironment, insertRepository } from '../support/place.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'worker test' })
})
afterAll(() => database.close())

const patience = { timeout: 120_000, interval: 100 }

async function setup(limits: { buildMs?: number } = {}) {
  const place = await createTestBuilder(database.db, { limits })
  const environment = await place.environment()
  const dataDir = path.dirname(place.folders.builds)
  const blocks = path.join(dataDir, 'blocks')
  await writeFile(blocks, '')
  const { machine } = place.builder
  place.builder.machine = { ...machine, programs: [...machine.programs, blocks] }
  onTestFinished(() => place.close())
  /** As long as there is the file "blocks", only a kill ends it. */
  const blocking = {
    ...bareFiles,
    'defer/x.js': `import fs from 'node:fs'
while (fs.existsSync(${JSON.stringify(blocks)})) {}
${bare('x')}`,
  }
  /** What runs for builds of this place, found by its folders in their environment. */
  const processes = () => findMarked(place.folders.builds)
  return {
    ...place,
    dataDir,
    environment,
    blocking,
    blocks,
    fine: { ...bareFiles, 'defer/x.js': bare('x') },
    processes,
    blocked: () =>
      vi.waitFor(async () => expect(await processes()).not.toEqual([]), { timeout: 60_000, interval: 20 }),
  }
}

test('a newer push ends the build under way, its processes and its folder', async () => {
  const { environment, blocking, fine, blocked, processes, ...place } = await setup()
  const older = await place.admit(environment.id, blocking)
  const working = place.work(older)
  await blocked()
  const newer = await place.admit(environment.id, fine)
  await working
  expect(await processes()).toEqual([])
  expect((await place.buildOf(older)).state).toBe('superseded')
  expect(await place.leftovers()).toEqual([])
  await place.work(newer)
  expect((await place.buildOf(newer)).state).toBe('succeeded')
  expect((await place.events(older)).filter(type => /succeeded|failed|activated/.test(type))).toEqual([])
})

test('a job that comes once more for a finished build does nothing', async () => {
  const { environment, fine, ...place } = await setup()
  const build = await place.build(environment.id, fine)
  const events = await place.events(build.id)
  await place.work(build.id)
  expect(await place.events(build.id)).toEqual(events)
  expect(await place.buildOf(build.id)).toEqual(build)
})

test('a build whose builder stopped halfway is begun again from the start and succeeds once', async () => {
  const { environment, blocking, blocks, blocked, processes, ...place } = await setup()
  const buildId = await place.admit(environment.id, blocking)
  const stop = new AbortController()
  const working = place.work(buildId, stop.signal)
  await blocked()
  stop.abort(new Error('the job is no longer ours'))
  await expect(working).rejects.toThrow('interrupted')
  expect(await processes()).toEqual([])
  expect((await place.buildOf(buildId)).state).toBe('compiling')
  expect(await place.leftovers()).toEqual([])

  await rm(blocks)
  await place.work(buildId)
  expect(await place.buildOf(buildId)).toMatchObject({ state: 'succeeded', tries: 2 })
})

test('two builders with the same build: one result, one version', async () => {
  const { environment, fine, ...place } = await setup()
  const buildId = await place.admit(environment.id, fine)
  await Promise.all([place.work(buildId), place.work(buildId)])
  expect((await place.buildOf(buildId)).state).toBe('succeeded')
  const events = await place.events(buildId)
  expect(events.filter(type => type === 'build.succeeded')).toHaveLength(1)
  expect(events.filter(type => type === 'release.activated')).toHaveLength(1)
  expect(await place.versions(environment.id)).toEqual([{ name: 'x', number: 1 }])
})

test('a failure of the network is tried again, three times in all, then told', async () => {
  const { environment, fine, ...place } = await setup()
  const buildId = await place.admit(environment.id, fine)
  const down = new AppError('unavailable', 'GitHub did not answer')
  for (const _ of [1, 2]) {
    place.source.failNext(down)
    await expect(place.work(buildId)).rejects.toBe(down)
    expect((await place.buildOf(buildId)).finishedAt).toBeNull()
  }
  place.source.failNext(down)
  await place.work(buildId)
  const build = await place.buildOf(buildId)
  expect(build.state).toBe('failed')
  expect(build.failure).toMatchObject({
    code: 'builder_failed',
    message: expect.stringMatching(/^Tried 3 times, the last time: GitHub did not answer/),
  })
  expect(await place.log(buildId)).toContain('fetching: To be tried again: GitHub did not answer')
})

test('a network that comes back: the next try succeeds', async () => {
  const { environment, fine, ...place } = await setup()
  const buildId = await place.admit(environment.id, fine)
  place.source.failNext(new Error('socket hang up'))
  await expect(place.work(buildId)).rejects.toThrow('socket hang up')
  await place.work(buildId)
  expect(await place.buildOf(buildId)).toMatchObject({ state: 'succeeded', tries: 2, failure: null })
  expect((await place.log(buildId)).join('\n')).not.toContain('socket hang up')
})

test('a commit that is gone fails at once', async () => {
  const { environment, fine, ...place } = await setup()
  const buildId = await place.admit(environment.id, fine)
  place.source.failNext(new AppError('not_found', 'There is no such commit.'))
  await place.work(buildId)
  expect((await place.buildOf(buildId)).failure).toMatchObject({ code: 'commit_unreadable' })
})

test('a build that takes too long is ended and fails', async () => {
  const { environment, blocking, ...place } = await setup({ buildMs: 3_000 })
  const buildId = await place.admit(environment.id, blocking)
  await place.work(buildId)
  expect((await place.buildOf(buildId)).failure).toMatchObject({ code: 'out_of_time' })
  expect(await place.leftovers()).toEqual([])
})

test.runIf(process.platform === 'linux')(
  'what a build started dies with a builder that is killed',
  async () => {
    const { dataDir, processes, ...place } = await setup()
    const file = path.join(place.folders.builds, 'x.mjs')
    await writeFile(file, 'console.log("begun")\nfor (;;) {}\n')
    const folder = path.resolve(import.meta.dirname, '../../src/builds')
    const script = `
    const { readMachine, searchPathOf } = await import('${folder}/processes/machine.ts')
    const { runCommand } = await import('${folder}/processes/run-command.ts')
    const { prepareFolders, createWorkspace } = await import('${folder}/folders.ts')
    const { probeIsolation } = await import('${folder}/../isolation/probe.ts')
    const { defaultLimits: limits } = await import('${folder}/tools.ts')
    const machine = readMachine(await probeIsolation(true, searchPathOf()))
    const workspace = await createWorkspace(await prepareFolders('${dataDir}'), 'killed')
    const signal = new AbortController().signal
    const step = { file: machine.node, args: ['${file}'], cwd: '/', reads: ['${file}'], onLine: console.log }
    await runCommand(step, { machine, workspace, limits, signal, group: null })`
    const builder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(builder.stdout, 'data')
    expect(String(line)).toBe('begun\n')
    expect(await processes()).not.toEqual([])
    builder.kill('SIGKILL')
    await vi.waitFor(async () => expect(await processes()).toEqual([]), { timeout: 5_000, interval: 20 })
  },
)

/** What is admitted is worked. */
async function startWorker(
  { core: { jobs: sending }, folders, source, artifacts }: Awaited<ReturnType<typeof setup>>,
  isolation: 'auto' | 'off' = 'auto',
) {
  const log = createLog('silent')
  const jobs = createJobs(database, log)
  const core = { db: database.db, pool: database.db, jobs, append: createAppend(jobs, []) }
  const dataDir = path.dirname(folders.builds)
  const worker = createBuildWorker({
    ...{ core, source, artifacts, log, limits: { ...defaultLimits, loadMs: 10 * 60_000 } },
    config: { dataDir, storage: `${dataDir}/artifacts`, channel: 'stable', builders: [] },
    isolation: () => findIsolation(isolation, searchPathOf(), log),
    masterKey: 'any',
  })
  await jobs.start()
  await worker.start()
  sending.sendAll = jobs.sendAll
  return {
    async stop() {
      await worker.stop(new Date(Date.now() + 10_000))
      await jobs.stop(new Date(Date.now() + 10_000))
    },
  }
}

test('the worker takes builds from the queue, and stops when they are done', async () => {
  const given = await setup()
  const { environment, fine, ...place } = given
  const worker = await startWorker(given)
  const first = await place.admit(environment.id, fine)
  const second = await place.admit(environment.id, { 'README.md': 'newer' })
  await vi.waitFor(async () => expect((await place.buildOf(second)).state).toBe('succeeded'), patience)
  expect(['superseded', 'succeeded']).toContain((await place.buildOf(first)).state)
  await worker.stop()
})

test('a repository whose builds hang leaves room for those of another', async () => {
  const given = await setup()
  const { blocking, blocks, fine, ...place } = given
  // Outside of a sandbox, so that all of them see what they wait for.
  const worker = await startWorker(given, 'off')
  const slots = slotsOf({ processors: availableParallelism(), memoryBytes: totalmem() })
  const hanging: string[] = []
  for (let count = 0; count < slots.builds; count++) {
    const name = `hanging-${count}`
    const { id } = await insertEnvironment(database.db, place.repository.id, { name, branch: name })
    hanging.push(await place.admit(id, { ...blocking, 'README.md': String(count) }))
  }
  const statesOf = async () => (await Promise.all(hanging.map(place.buildOf))).map(({ state }) => state)
  const other = await insertRepository(database.db)
  const { id } = await insertEnvironment(database.db, other.id)
  const good = await place.admit(id, fine)
  await vi.waitFor(async () => expect((await place.buildOf(good)).state).toBe('succeeded'), patience)
  expect(await statesOf()).not.toContain('succeeded')
  expect(await statesOf()).toContain('queued')
  await rm(blocks)
  await vi.waitFor(async () => expect(new Set(await statesOf())).toEqual(new Set(['succeeded'])), patience)
  await worker.stop()
})
