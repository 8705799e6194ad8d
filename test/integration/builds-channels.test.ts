// Two builders of one database: what is for canary goes there, comes back when it fails there, and is live in the end if stable
// can build it. Then the process of another builder, kept alive.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { createOtherBuilder } from '../../src/app/other-builder.ts'
import { builderVersion } from '../../src/builds/builder-version.ts'
import { workBuild } from '../../src/builds/work-build.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { defaultRepositoryFile as file } from '../../src/environments/repository-file.ts'
import { createLog } from '../../src/log.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles } from '../support/projects.ts'

let database: Database
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'channels test' })
})
afterAll(() => database.close())

const fine = { ...bareFiles, 'defer/x.js': bare('x') }
const tiny = { entries: 1, unpackedBytes: 1, pathBytes: 1, depth: 1, packedBytes: 1 }
const version = builderVersion

/** Hands the jobs of both queues to their builders until there are none. */
async function setup({ canaryFails = false, others = ['canary'], asked = 'canary' } = {}) {
  const place = await createTestBuilder(database.db, {
    config: { ...file, build: { ...file.build, builder: asked } },
  })
  onTestFinished(place.close)
  const environment = await place.environment()
  const stable = { ...place.builder, channels: { own: 'stable', others } }
  const canary = {
    ...place.builder,
    channels: { own: 'canary', others: [] },
    limits: { ...place.builder.limits, ...(canaryFails ? { archive: tiny } : {}) },
  }
  const builders: Record<string, typeof stable> = { build: stable, 'build-canary': canary }
  return {
    ...place,
    environment,
    async buildAsAsked(files: Record<string, string>) {
      const buildId = await place.admit(environment.id, files)
      const queues: string[] = []
      for (let job = place.core.sent.shift(); job; job = place.core.sent.shift()) {
        const builder = builders[job.queue]
        if (!builder) continue // reports
        queues.push(job.queue)
        const { failedOn = null } = job.data as { failedOn?: Parameters<typeof workBuild>[3] }
        await workBuild(builder, buildId, new AbortController().signal, failedOn)
      }
      return { ...(await place.buildOf(buildId)), queues }
    },
  }
}

describe('a build for canary', () => {
  test('is passed on by stable, made by canary, and goes live', async () => {
    const { buildAsAsked, environment, versions } = await setup()
    const build = await buildAsAsked(fine)
    expect(build).toMatchObject({ state: 'succeeded', tries: 1, builder: { channel: 'canary', version } })
    expect(build.queues).toEqual(['build', 'build-canary'])
    expect(await versions(environment.id)).toEqual([{ name: 'x', number: 1 }])
  })

  test('that fails there is built by stable, goes live, and says so', async () => {
    const { buildAsAsked, environment, versions, log, events } = await setup({ canaryFails: true })
    const build = await buildAsAsked(fine)
    const failedOn = { channel: 'canary', version, code: 'archive_refused' }
    expect(build).toMatchObject({
      ...{ state: 'succeeded', failure: null, tries: 2 },
      builder: { channel: 'stable', version, failedOn },
    })
    expect(build.queues).toEqual(['build', 'build-canary', 'build'])
    expect(await versions(environment.id)).toEqual([{ name: 'x', number: 1 }])
    expect((await log(build.id)).join('\n')).toContain(
      `Failed on canary ${version} (archive_refused): stable builds it now`,
    )
    expect((await events(build.id)).filter(type => /failed/.test(type))).toEqual([])
  })

  test('that fails on both fails for the reason it has on stable', async () => {
    const { buildAsAsked } = await setup({ canaryFails: true })
    const build = await buildAsAsked({ 'README.md': 'no project' })
    expect(build).toMatchObject({
      state: 'failed',
      failure: { code: 'package_json_missing' },
      builder: { channel: 'stable', failedOn: { channel: 'canary', code: 'archive_refused' } },
    })
  })

  test('fails at once where nobody offers it', async () => {
    const { buildAsAsked } = await setup({ others: ['next'] })
    const build = await buildAsAsked(fine)
    expect(build).toMatchObject({
      ...{ state: 'failed', tries: 0, queues: ['build'] },
      failure: { code: 'builder_unknown', message: expect.stringMatching(/"canary".*"stable" or "next"/) },
    })
  })
})

test('a queue of a channel is made once, takes jobs, and gives them to that channel alone', async () => {
  const jobs = createJobs(database, createLog('silent'))
  await jobs.start()
  const seen: string[] = []
  await jobs.ensure('build-canary')
  await jobs.ensure('build-canary')
  await jobs.work('build-canary', 1, async ({ buildId }) => void seen.push(`canary ${buildId}`))
  await jobs.work('build', 1, async ({ buildId }) => void seen.push(`stable ${buildId}`))
  await jobs.send(database.db, 'build-canary', { buildId: 'a' }, 'one')
  await jobs.send(database.db, 'build', { buildId: 'b' }, 'one')
  await vi.waitFor(() => expect(seen.toSorted()).toEqual(['canary a', 'stable b']), { timeout: 60_000 })
  await jobs.stop(new Date(Date.now() + 10_000))
})

describe('the process of another builder', () => {
  /** A checkout whose program writes how it was called, and lives on until it is asked to end. */
  async function setupProcess(program: string) {
    const checkout = await mkdtemp(path.join(os.tmpdir(), 'sluice-checkout-'))
    const ledger = path.join(checkout, 'ledger')
    await mkdir(path.join(checkout, 'bin'))
    await writeFile(
      path.join(checkout, 'bin/sluice.js'),
      `const fs = require('node:fs')
const write = text => fs.appendFileSync(${JSON.stringify(ledger)}, text + '\\n')
write(process.pid + ' ' + process.argv.slice(2).join(' '))
${program}`,
    )
    const waits = { firstMs: 10, longestMs: 20, healthyMs: 60_000 }
    const service = createOtherBuilder({ channel: 'canary', checkout }, createLog('silent'), waits)
    onTestFinished(async () => {
      await service.stop(new Date())
      await rm(checkout, { recursive: true })
    })
    const lines = async () => (await readFile(ledger, 'utf8').catch(() => '')).split('\n').filter(Boolean)
    const waitFor = (count: number) =>
      vi.waitFor(async () => expect((await lines()).length).toBeGreaterThanOrEqual(count), {
        timeout: 60_000,
        interval: 20,
      })
    return { service, lines, waitFor }
  }

  test('is a builder of its channel; killed, it is started again; asked to stop, it ends in order', async () => {
    const { service, lines, waitFor } = await setupProcess(
      `process.on('SIGTERM', () => { write('asked to end'); process.exit(0) }); setInterval(() => {}, 1e6)`,
    )
    await service.start()
    await waitFor(1)
    const [first = ''] = await lines()
    expect(first).toMatch(/^\d+ start --roles builder --channel canary$/)
    process.kill(Number.parseInt(first, 10), 'SIGKILL')
    await waitFor(2)
    await service.stop(new Date(Date.now() + 30_000))
    expect((await lines()).at(-1)).toBe('asked to end')
  })

  test('that ends at once is started again and again, until we stop', async () => {
    const { service, lines, waitFor } = await setupProcess('process.exit(1)')
    await service.start()
    await waitFor(3)
    await service.stop(new Date(Date.now() + 30_000))
    const count = (await lines()).length
    expect(count).toBeGreaterThanOrEqual(3)
  })

  test('that does not end in time is killed', async () => {
    const { service, lines, waitFor } = await setupProcess(
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6)`,
    )
    await service.start()
    await waitFor(1)
    await service.stop(new Date(Date.now() + 100))
    const pid = Number.parseInt((await lines())[0] ?? '', 10)
    expect(() => process.kill(pid, 0)).toThrow()
  })
})
