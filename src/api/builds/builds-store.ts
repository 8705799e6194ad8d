// SQL of builds as the API shows them. Read only.
import { and, asc, desc, eq, gt, like, lt, sql } from 'drizzle-orm'
import type { BuildState } from '../../builds/states.ts'
import type { Db } from '../../db/client.ts'
import { buildLogs, builds, environments } from '../../db/schema.ts'

const { id, number, sha, ref, message, author, state, createdAt, startedAt, finishedAt } = builds
const columns = {
  ...{ id, number, sha, ref, message, author, state, createdAt, startedAt, finishedAt },
  live: sql<boolean>`${environments.activeBuildId} is not distinct from ${builds.id}`,
}

export type ShownBuild = Awaited<ReturnType<typeof listBuilds>>[number]

export interface BuildFilters {
  sha?: string | undefined
  status?: BuildState | undefined
  before?: number | undefined
}

/** Newest first. */
export function listBuilds(db: Db, environmentId: string, limit: number, filters: BuildFilters) {
  const { sha: begins, status, before } = filters
  return db
    .select(columns)
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(
      and(
        eq(builds.environmentId, environmentId),
        begins === undefined ? undefined : like(sha, `${begins.toLowerCase()}%`),
        status === undefined ? undefined : eq(state, status),
        before === undefined ? undefined : lt(number, before),
      ),
    )
    .orderBy(desc(number))
    .limit(limit)
}

export async function findShownBuild(db: Db, environmentId: string, buildId: string) {
  const [row] = await db
    .select({
      ...columns,
      manifest: builds.manifest,
      stages: builds.stages,
      failure: builds.failure,
    })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(and(eq(builds.environmentId, environmentId), eq(id, buildId)))
  return row ?? null
}

/** In order, from behind that line on. */
export function listLogLines(db: Db, buildId: string, after: number, limit: number) {
  const { sequence, at, stage, line } = buildLogs
  return db
    .select({ sequence, at, stage, line })
    .from(buildLogs)
    .where(and(eq(buildLogs.buildId, buildId), gt(sequence, after)))
    .orderBy(asc(sequence))
    .limit(limit)
}
