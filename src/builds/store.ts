// SQL of the pipeline: what a build is of, its way through the states, its log. Admission's statements: admission-store.ts.
import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { buildLogs, builds, environments, functions, repositories, uploads } from '../db/schema.ts'
import { type BuildSettings, buildSettingsOf } from '../environments/repository-file.ts'
import { type Repository, repositoryFileOf } from '../environments/store.ts'
import type { Manifest } from '../functions/manifest.ts'
import type { BuiltBy } from './channel.ts'
import type { Failure } from './failure.ts'
import type { RepositoryRef } from './ports.ts'
import { type BuildState, type Stage, statesBefore } from './states.ts'

/** What is to be built, of which commit, for which environment. */
export interface Order {
  buildId: string
  state: BuildState
  sha: string
  repository: RepositoryRef
  environment: { id: string; name: string; root: string; pullNumber: number | null; trusted: boolean }
  build: BuildSettings
  watch: string[]
  /** It is of an archive that somebody uploaded, and of this function alone. */
  upload?: Uploaded | null
}

export interface Uploaded {
  functionId: string
  functionName: string
  /** Of the archive. */
  digest: string
  sealedEnv: string | null
}

export async function findOrder(db: Db | Tx, buildId: string): Promise<Order | null> {
  const [row] = await db
    .select({
      build: builds,
      environment: environments,
      repository: repositories,
      upload: uploads,
      functionName: functions.name,
    })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .innerJoin(repositories, eq(repositories.id, environments.repositoryId))
    .leftJoin(uploads, eq(uploads.buildId, builds.id))
    .leftJoin(functions, eq(functions.id, uploads.functionId))
    .where(eq(builds.id, buildId))
  if (!row) return null
  const { id, name, root, pullNumber, trusted } = row.environment
  const settings = row.environment.build ?? buildSettingsOf(repositoryFileOf(row.repository))
  return {
    buildId,
    state: row.build.state,
    sha: row.build.sha,
    repository: toRef(row.repository),
    environment: { id, name, root, pullNumber, trusted },
    build: row.upload ? { ...settings, prebuild: null } : settings,
    watch: row.environment.watch,
    upload: row.upload && { ...row.upload, functionName: row.functionName ?? '' },
  }
}

/** What the newest build of the environment found that this version of the builder made. */
export async function newestManifest(db: Db, environmentId: string, version: string): Promise<Manifest> {
  const [row] = await db
    .select({ manifest: builds.manifest })
    .from(builds)
    .where(
      and(
        eq(builds.environmentId, environmentId),
        eq(builds.state, 'succeeded'),
        eq(builds.kind, 'commit'),
        sql`${builds.builder}->>'version' = ${version}`,
      ),
    )
    .orderBy(desc(builds.number))
    .limit(1)
  return row?.manifest ?? []
}

function toRef({ id, installationId, owner, name }: Repository): RepositoryRef {
  return { id, installationId, owner, name }
}

// Each transition's statement: no row back means that the build is finished, by whoever was first.
const canBecome = (buildId: string, state: BuildState) =>
  and(eq(builds.id, buildId), inArray(builds.state, statesBefore(state)))

const entered = (stage: Stage) => sql`jsonb_build_object('stage', ${stage}::text, 'at', now())`

/** Resolves to how often the build was begun, this time included; null: it is finished. */
export async function beginTry(tx: Tx, buildId: string, builder: BuiltBy): Promise<number | null> {
  const [row] = await tx
    .update(builds)
    .set({
      state: 'fetching',
      builder,
      tries: sql`${builds.tries} + 1`,
      stages: sql`jsonb_build_array(${entered('fetching')})`,
      startedAt: sql`coalesce(${builds.startedAt}, now())`,
    })
    .where(canBecome(buildId, 'fetching'))
    .returning({ tries: builds.tries })
  return row?.tries ?? null
}

export async function enterStage(tx: Tx, buildId: string, stage: Stage): Promise<boolean> {
  const rows = await tx
    .update(builds)
    .set({ state: stage, stages: sql`${builds.stages} || ${entered(stage)}` })
    .where(canBecome(buildId, stage))
    .returning({ id: builds.id })
  return rows.length > 0
}

export interface Result {
  manifest: Manifest
  /** Null: there was nothing to install. */
  installCached: boolean | null
  /** What it was made of, and the digest of that (scope.ts); null: not known. */
  scope: string[] | null
  contentDigest: string | null
}

export async function markSucceeded(tx: Tx, buildId: string, result: Result): Promise<boolean> {
  const rows = await tx
    .update(builds)
    .set({ ...result, state: 'succeeded', finishedAt: sql`now()` })
    .where(canBecome(buildId, 'succeeded'))
    .returning({ id: builds.id })
  return rows.length > 0
}

export async function markFailed(tx: Tx, buildId: string, failure: Failure): Promise<boolean> {
  const rows = await tx
    .update(builds)
    // The state it leaves is the stage it failed in.
    .set({
      state: 'failed',
      failure: sql`${JSON.stringify(failure)}::text::jsonb || jsonb_build_object('stage', ${builds.state})`,
      finishedAt: sql`now()`,
    })
    .where(canBecome(buildId, 'failed'))
    .returning({ id: builds.id })
  return rows.length > 0
}

export async function isUnderWay(db: Db, buildId: string): Promise<boolean> {
  const rows = await db
    .select({ id: builds.id })
    .from(builds)
    .where(and(eq(builds.id, buildId), isNull(builds.finishedAt)))
  return rows.length > 0
}

export interface LogLine {
  stage: Stage
  line: string
}

export async function insertLogLines(db: Db, buildId: string, lines: LogLine[]): Promise<void> {
  if (lines.length > 0) await db.insert(buildLogs).values(lines.map(line => ({ ...line, buildId })))
}
