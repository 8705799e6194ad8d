// A builder over a real database, a real git repository and a folder of its own. `build` commits files, admits the build of
// that commit and works it, as a job of the queue would; `admit` leaves the work to the test.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { asc, eq } from 'drizzle-orm'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { admit } from '../../src/builds/admission/admit.ts'
import { createArchives } from '../../src/builds/archive/archive-cache.ts'
import { readIndex } from '../../src/builds/bundle-index.ts'
import type { Channels } from '../../src/builds/channel.ts'
import type { Failure } from '../../src/builds/failure.ts'
import { prepareFolders } from '../../src/builds/folders.ts'
import type { KeptInstalls } from '../../src/builds/installing/kept-installs.ts'
import { createTurns } from '../../src/builds/installing/turns.ts'
import type { Source } from '../../src/builds/ports.ts'
import { readMachine, searchPathOf } from '../../src/builds/processes/machine.ts'
import { defaultLimits, type Limits } from '../../src/builds/tools.ts'
import { workBuild } from '../../src/builds/work-build.ts'
import type { Pool } from '../../src/db/client.ts'
import * as schema from '../../src/db/schema.ts'
import type { BuildSettings } from '../../src/environments/repository-file.ts'
import { readVariables } from '../../src/environments/variables.ts'
import type { Isolation } from '../../src/isolation/isolation.ts'
import { probeIsolation } from '../../src/isolation/probe.ts'
import { createLog } from '../../src/log.ts'
import { createGitSource } from '../fakes/source.ts'
import { createTestCore, insertEnvironment, insertRepository } from './place.ts'
import type { Files } from './projects.ts'

/** Found once for all tests of a file. */
let found: Promise<Isolation> | null = null
export function isolationOfMachine(): Promise<Isolation> {
  found ??= probeIsolation(true, searchPathOf())
  return found
}
const masterKey = 'the master key of tests, long enough'

export async function createTestBuilder(
  db: Pool,
  options: { limits?: Partial<Limits>; config?: unknown } = {},
) {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'sluice-builder-'))
  const source = await createGitSource()
  const core = createTestCore(db)
  const repository = await insertRepository(db, { config: options.config ?? null })
  const folders = await prepareFolders(dataDir)
  const artifacts = createFolderStore(path.join(dataDir, 'artifacts'))
  const builder = {
    core,
    source: source as Source,
    archives: createArchives(folders.archives, source),
    artifacts,
    keptInstalls: null as KeptInstalls | null,
    installTurns: createTurns(),
    machine: readMachine(await isolationOfMachine()),
    folders,
    limits: { ...defaultLimits, ...options.limits },
    variablesOf: (environment: { id: string; repositoryId: number }) =>
      readVariables(db, masterKey, environment),
    channels: { own: 'stable', others: [] } as Channels,
    log: createLog('silent'),
  }
  const running = new AbortController().signal
  let environments = 0

  async function buildOf(buildId: string) {
    const [build] = await db.select().from(schema.builds).where(eq(schema.builds.id, buildId))
    if (!build) throw new Error(`no build ${buildId}`)
    return { ...build, failure: build.failure as Failure | null }
  }

  return {
    builder,
    masterKey,
    core,
    source,
    artifacts,
    folders,
    repository,
    buildOf,
    /** A fresh one for each test, of the same repository: they share the install cache. */
    environment: (values: { root?: string; pullNumber?: number; build?: BuildSettings } = {}) => {
      const name = `environment-${environments++}`
      const preview = values.pullNumber === undefined ? {} : { kind: 'preview' as const, production: false }
      return insertEnvironment(db, repository.id, { name, branch: name, ...preview, ...values })
    },
    work: (buildId: string, signal = running) => workBuild(builder, buildId, signal),
    async admit(environmentId: string, files: Files | Record<string, null>): Promise<string> {
      const sha = await source.commit(files)
      const commit = { sha, message: 'a change', author: 'ada' }
      const request = { commit, ref: 'refs/heads/main', again: false, actor: 'ada', tree: null }
      const buildId = await admit(core, environmentId, request)
      if (buildId === null) throw new Error('the environment is closed')
      return buildId
    },
    async build(environmentId: string, files: Files | Record<string, null>) {
      const buildId = await this.admit(environmentId, files)
      await this.work(buildId)
      return buildOf(buildId)
    },
    async log(buildId: string) {
      const rows = await db
        .select()
        .from(schema.buildLogs)
        .where(eq(schema.buildLogs.buildId, buildId))
        .orderBy(asc(schema.buildLogs.sequence))
      return rows.map(({ stage, line }) => `${stage}: ${line}`)
    },
    async events(buildId: string) {
      const rows = await db
        .select()
        .from(schema.events)
        .where(eq(schema.events.buildId, buildId))
        .orderBy(asc(schema.events.id))
      return rows.map(({ type, data }) => ('state' in data ? `${type} ${data.state}` : type))
    },
    versions: (environmentId: string) =>
      db
        .select({ name: schema.functions.name, number: schema.versions.number })
        .from(schema.versions)
        .innerJoin(schema.functions, eq(schema.functions.id, schema.versions.functionId))
        .where(eq(schema.functions.environmentId, environmentId))
        .orderBy(asc(schema.functions.name), asc(schema.versions.number)),
    /** All that a version runs, or its source maps, as text by path. */
    async contents(digest: string): Promise<Record<string, string>> {
      const { files = [] } = readIndex(await artifacts.get(digest)) ?? {}
      const texts = files.map(async one => [one.path, (await artifacts.get(one.digest)).toString()])
      return Object.fromEntries(await Promise.all(texts))
    },
    leftovers: () => readdir(folders.builds),
    async close() {
      await source.remove()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
