// SQL of builds for reading: an environment's, newest first, and one's log.
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { buildLogs, builds } from '../../db/schema.ts'

const { id, number, sha, ref, message, author, state, createdAt, startedAt, finishedAt, installCached } =
  builds

/** Older than `before`, where that is given. */
export function listBuilds(db: Db, environmentId: string, before: number | null, limit: number) {
  return db
    .select({ id, number, sha, ref, message, author, state, createdAt, startedAt, finishedAt, installCached })
    .from(builds)
    .where(and(eq(builds.environmentId, environmentId), before === null ? undefined : lt(number, before)))
    .orderBy(desc(number))
    .limit(limit)
}

export type ListedBuild = Awaited<ReturnType<typeof listBuilds>>[number]

export async function findBuildId(db: Db, environmentId: string, wanted: number): Promise<string | null> {
  const [row] = await db
    .select({ id })
    .from(builds)
    .where(and(eq(builds.environmentId, environmentId), eq(number, wanted)))
  return row?.id ?? null
}

export interface LoggedLine {
  sequence: number
  stage: string
  at: Date
  line: string
}

/** The last ones, or those after a line, in order. */
export async function findLogLines(
  db: Db,
  buildId: string,
  limit: number,
  after: number | null = null,
): Promise<LoggedLine[]> {
  const { sequence, stage, at, line } = buildLogs
  const of = and(eq(buildLogs.buildId, buildId), after === null ? undefined : gt(sequence, after))
  const rows = await db
    .select({ sequence, stage, at, line })
    .from(buildLogs)
    .where(of)
    .orderBy(after === null ? desc(sequence) : asc(sequence))
    .limit(limit)
  return after === null ? rows.reverse() : rows
}

export async function countLogLines(db: Db, buildId: string): Promise<number> {
  const [row] = await db
    .select({ amount: sql<number>`count(*)::int` })
    .from(buildLogs)
    .where(eq(buildLogs.buildId, buildId))
  return row?.amount ?? 0
}
