// kill -9 of the builder at every stage: whoever takes the build over brings it to one result, one version, one release, with
// whole artifacts, and the next sweep finds nothing it cannot remove. A real process is killed each time; that the queue hands
// its build to another process is tried once with two real processes, and elsewhere done by the test's own hand.
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, inject, test, vi } from 'vitest'
import { removeAbandoned } from '../../src/builds/folders.ts'
import { type CrashPoint, crashPlaces, crashPoints } from '../../src/crash-point.ts'
import { connect } from '../../src/db/client.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { releases } from '../../src/db/schema.ts'
import { defaultRepositoryFile as file } from '../../src/environments/repository-file.ts'
import { createLog } from '../../src/log.ts'
import { createTestBuilder } from '../support/builder.ts'
import { startBuilderProcess } from '../support/builder-process.ts'
import { freshDatabase } from '../support/postgres.ts'
import { bare, bareFiles, linkedFiles } from '../support/projects.ts'

const plain = {
  ...bareFiles,
  'defer/one.js': `import { made } from '../made.js'\n${bare('one', 'return made')}`,
  'defer/two.js': bare('two'),
}
const installing = {
  ...linkedFiles,
  'defer/one.js': `import { sender } from '@linked/mail'\n${bare('one', 'return sender')}`,
  'defer/two.js': bare('two'),
}
const prebuild = `echo 'export const made = 1' > made.js`

/** A builder over a database of its own: the killed process gets no other build, and no other process gets its build. */
async function setup(onTestFinished: (end: () => Promise<void>) => void) {
  const databaseUrl = await freshDatabase(inject('postgresUrl'))
  const database = connect(databaseUrl, { max: 4, name: 'kill test' })
  const config = { ...file, build: { ...file.build, prebuild } }
  const { environment: open, ...place } = await createTestBuilder(database.db, { config })
  place.core.jobs.sendAll = createJobs(database, createLog('silent')).sendAll
  const dataDir = path.dirname(place.folders.builds)
  const processes = { databaseUrl, dataDir, repository: place.source.folder }
  const children: { kill(signal: NodeJS.Signals): boolean }[] = []
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL')
    await place.close()
    await database.close()
  })
  return {
    ...place,
    environment: await open(),
    open,
    start(crashAt: CrashPoint | null) {
      const started = startBuilderProcess(processes, crashAt)
      children.push(started.child)
      return started
    },
    releases: (environmentId: string) =>
      database.db.select().from(releases).where(eq(releases.environmentId, environmentId)),
  }
}
type Place = Awaited<ReturnType<typeof setup>>

/** The invariants: whatever was killed where, this is how it ends. */
async function expectOneResult({ environment, ...place }: Place, buildId: string): Promise<void> {
  const build = await place.buildOf(buildId)
  expect(build).toMatchObject({ state: 'succeeded', failure: null })
  const events = await place.events(buildId)
  expect(events.filter(type => type === 'build.succeeded')).toHaveLength(1)
  expect(events.filter(type => type === 'release.activated')).toHaveLength(1)
  expect(await place.releases(environment.id)).toHaveLength(1)
  expect(await place.versions(environment.id)).toEqual([
    { name: 'one', number: 1 },
    { name: 'two', number: 1 },
  ])
  for (const { bundleDigest, sourceMapDigest } of build.manifest ?? []) {
    // Each is checked against its digest there.
    for (const digest of [bundleDigest, sourceMapDigest])
      expect(Object.keys(await place.contents(digest)).length).toBeGreaterThan(0)
  }
  await removeAbandoned(place.folders, new Date(Date.now() + 2 * 60 * 60_000))
  expect(await place.leftovers()).toEqual([])
  for (const name of await readdir(place.folders.installs)) expect(name).toMatch(/^[0-9a-f]{64}$/)
}

/** Of the steps of a build; the release is one transaction, of which build.releasing and build.released are both sides. */
const ofBuilds = crashPoints.filter(point => /^(builds|artifacts)\//.test(crashPlaces[point]))

describe.concurrent('a builder that is killed at', () => {
  test.for(ofBuilds)('%s', async (point, { onTestFinished }) => {
    const place = await setup(onTestFinished)
    const files = point.startsWith('install.') ? installing : plain
    if (point === 'install.moved-aside') await damageAnInstall(place)
    const buildId = await place.admit(place.environment.id, files)
    const { ended } = place.start(point)
    expect(await ended).toBe('SIGKILL')
    const committed = point === 'build.released'
    expect((await place.buildOf(buildId)).state === 'succeeded').toBe(committed)
    expect(await place.releases(place.environment.id)).toHaveLength(committed ? 1 : 0)

    await place.work(buildId)
    await expectOneResult(place, buildId)
    expect((await place.buildOf(buildId)).tries).toBe(committed ? 1 : 2)
  })
})

/** An entry is in the way only where an earlier one lost a part. */
async function damageAnInstall(place: Place): Promise<void> {
  const other = await place.open()
  expect((await place.build(other.id, installing)).state).toBe('succeeded')
  for (const key of await readdir(place.folders.installs))
    await rm(path.join(place.folders.installs, key, 'tree/node_modules/@linked'), { recursive: true })
}

test('the queue gives the build of a killed process to another one', async ({ onTestFinished }) => {
  const place = await setup(onTestFinished)
  const buildId = await place.admit(place.environment.id, plain)
  expect(await place.start('build.publishing').ended).toBe('SIGKILL')
  place.start(null)
  await vi.waitFor(async () => expect((await place.buildOf(buildId)).finishedAt).not.toBeNull(), {
    timeout: 240_000,
    interval: 250,
  })
  await expectOneResult(place, buildId)
  expect(await place.log(buildId)).toContain('fetching: Begun again (2): the builder was interrupted')
})
