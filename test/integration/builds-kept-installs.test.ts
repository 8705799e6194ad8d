// Two machines with data folders of their own, one database and one artifact store: what one installed, the other need not.
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createArchives } from '../../src/builds/archive/archive-cache.ts'
import { prepareFolders } from '../../src/builds/folders.ts'
import { createKeptInstalls } from '../../src/builds/installing/kept-installs.ts'
import { createTurns } from '../../src/builds/installing/turns.ts'
import type { ArtifactStore } from '../../src/builds/ports.ts'
import { workBuild } from '../../src/builds/work-build.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { keptInstalls } from '../../src/db/schema.ts'
import { createLog } from '../../src/log.ts'
import { createTestBuilder } from '../support/builder.ts'
import { freshDatabase } from '../support/postgres.ts'
import { linkedFiles, packageFiles } from '../support/projects.ts'

const running = new AbortController().signal
const log = createLog('silent')
const hello = `import { defer } from '@defer/client'
export default defer(async function hello() {})
`
const files = { ...packageFiles, 'src/defer/hello.ts': hello }

let database: Database
let place: Awaited<ReturnType<typeof createTestBuilder>>
const cleanUp: string[] = []
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'kept installs test' })
  place = await createTestBuilder(database.db)
})
afterAll(async () => {
  await place.close()
  await database.close()
  for (const folder of cleanUp) await rm(folder, { recursive: true })
})

async function machine(options: { artifacts?: ArtifactStore; maxBytes?: number } = {}) {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'sluice-machine-'))
  cleanUp.push(dataDir)
  const folders = await prepareFolders(dataDir)
  const needs = { db: database.db, artifacts: place.artifacts, log, ...options }
  const kept = createKeptInstalls(needs)
  const builder = {
    ...place.builder,
    ...{ folders, keptInstalls: kept, installTurns: createTurns() },
    archives: createArchives(folders.archives, place.source),
  }
  return {
    folders,
    kept,
    async build(environmentId: string, changes: Record<string, string | null>) {
      const buildId = await place.admit(environmentId, changes as Record<string, string>)
      await workBuild(builder, buildId, running)
      await kept.idle()
      return { ...(await place.buildOf(buildId)), log: await place.log(buildId) }
    },
  }
}

/** What would run a package manager says so. */
const installing = (log: string[]) => log.filter(line => /npm ci|added \d+ packages/.test(line))
const fromStore = expect.stringMatching(/^installing: Dependencies taken from the artifact store/)

async function partsInStore(): Promise<string[]> {
  const rows = await database.db.select().from(keptInstalls)
  const parts = new Set(rows.flatMap(row => row.parts))
  return [...parts].map(part =>
    path.join(path.dirname(place.folders.builds), 'artifacts', part.slice(0, 2), part),
  )
}

test('what one machine installed, another takes from the artifact store', async () => {
  const environment = await place.environment()
  const here = await machine()
  const first = await here.build(environment.id, files)
  expect(first).toMatchObject({ state: 'succeeded', installCached: false })
  expect(installing(first.log)).not.toEqual([])
  expect(await partsInStore()).not.toEqual([])
  expect((await readdir(here.folders.installs)).filter(name => name.startsWith('.'))).toEqual([])

  const there = await machine()
  const second = await there.build(environment.id, { 'README.md': 'one' })
  expect(second).toMatchObject({ state: 'succeeded', installCached: true, manifest: first.manifest })
  expect(second.log).toContainEqual(fromStore)
  expect(installing(second.log)).toEqual([])
  // From then on it has its own.
  const third = await there.build(environment.id, { 'README.md': 'two' })
  expect(third.log).toContainEqual(expect.stringContaining('taken from the cache'))
})

test('previews do not take what branches kept', async () => {
  const preview = await place.environment({ pullNumber: 7 })
  const build = await (await machine()).build(preview.id, { 'README.md': 'preview' })
  expect(build).toMatchObject({ state: 'succeeded', installCached: false })
  expect(build.log).not.toContainEqual(fromStore)
})

test.for([
  [
    'a flipped byte',
    async (file: string) => {
      const content = await readFile(file)
      content[100] = (content[100] ?? 0) ^ 1
      await rm(file)
      await writeFile(file, content)
    },
  ],
  [
    'half of it',
    async (file: string) => {
      const { length } = await readFile(file)
      await rm(file)
      await writeFile(file, Buffer.alloc(length))
      await truncate(file, length / 2)
    },
  ],
  ['a file that is gone', (file: string) => rm(file)],
] as const)('in the store, %s is noticed, and replaced', async ([, damage]) => {
  const environment = await place.environment()
  expect(
    (await (await machine()).build(environment.id, { 'README.md': crypto.randomUUID() })).failure,
  ).toBeNull()
  for (const part of await partsInStore()) await damage(part)

  const build = await (await machine()).build(environment.id, { 'README.md': crypto.randomUUID() })
  expect(build).toMatchObject({ state: 'succeeded', installCached: false })
  expect(build.log).toContainEqual(
    expect.stringContaining('Dependencies could not be taken from the artifact store: Artifact'),
  )
  expect(installing(build.log)).not.toEqual([])
  const next = await (await machine()).build(environment.id, { 'README.md': crypto.randomUUID() })
  expect(next.log).toContainEqual(fromStore)
})

test('one that was only half written is not there', async () => {
  const environment = await place.environment()
  await place.source.commit(Object.fromEntries(Object.keys(files).map(file => [file, null])))
  const put = () => Promise.reject(new Error('the store is full'))
  const before = await database.db.$count(keptInstalls)
  const full = await machine({ artifacts: { ...place.artifacts, put } })
  const linked = {
    ...linkedFiles,
    'src/defer/mail.ts': hello.replace(/import.*\n/, 'const defer = (one) => one\n'),
  }
  await full.build(environment.id, linked)
  expect(await database.db.$count(keptInstalls)).toBe(before)
})

test('beyond its size, those used least recently go', async () => {
  const old = new Date(Date.now() - 2 * 3_600_000)
  await database.db.update(keptInstalls).set({ usedAt: old })
  const gone = await partsInStore()
  const environment = await place.environment({ root: 'other' })
  const project = Object.entries(files).map(([file, text]) => [
    `other/${file}`,
    text.replace('"shop"', '"other"'),
  ])
  const build = await (await machine({ maxBytes: 1 })).build(environment.id, Object.fromEntries(project))
  expect(build.failure).toBeNull()
  expect(await database.db.$count(keptInstalls)).toBe(1)
  for (const part of gone) await expect(readFile(part)).rejects.toThrow('ENOENT')
})
