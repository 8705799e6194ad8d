// SQL of what the console shows of executions beside what the list of executions/ has. Read only.
import { and, eq, getViewSelectedFields, inArray, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { executions, functions, versions } from '../../db/schema.ts'

/** Names of an environment's functions, also of deleted ones, whose executions are still there. */
export async function functionIdsByName(db: Db, environmentId: string): Promise<Map<string, string[]>> {
  const rows = await db
    .select({ id: functions.id, name: functions.name })
    .from(functions)
    .where(eq(functions.environmentId, environmentId))
    .orderBy(functions.name)
  const ids = new Map<string, string[]>()
  for (const { id, name } of rows) ids.set(name, [...(ids.get(name) ?? []), id])
  return ids
}

export interface Details {
  id: string
  startedAt: Date | null
  finishedAt: Date | null
  durationMs: number | null
  attempt: number
  error: string | null
  errorCode: string | null
  executedBy: string
  version: number | null
  metadata: Record<string, string>
}

export async function findDetails(
  db: Db,
  environmentId: string,
  ids: readonly string[],
): Promise<Map<string, Details>> {
  if (ids.length === 0) return new Map()
  const { id, startedAt, finishedAt, attempt, errorCode, executedBy, metadata } = executions
  // Of the last attempt, which the view has among the others once it is over.
  const begun = sql`coalesce(${executions.attemptStartedAt}, (${executions.attempts} -> -1 ->> 'startedAt')::timestamptz)`
  const durationMs = sql<
    number | null
  >`(extract(epoch from coalesce(${finishedAt}, now()) - ${begun}) * 1000)::float8`
  const rows = await db
    .select({
      ...{ id, startedAt, finishedAt, attempt, errorCode, executedBy, metadata, durationMs },
      error: sql<string | null>`left(${executions.error}, 2000)`,
      version: versions.number,
    })
    .from(executions)
    .leftJoin(versions, eq(versions.id, executions.versionId))
    .where(and(eq(executions.environmentId, environmentId), inArray(id, [...ids])))
  return new Map(rows.map(row => [row.id, row]))
}

export async function findWhole(db: Db, environmentId: string, id: string) {
  const [row] = await db
    .select({
      execution: getViewSelectedFields(executions),
      functionName: functions.name,
      functionId: functions.id,
      version: versions.number,
    })
    .from(executions)
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .leftJoin(versions, eq(versions.id, executions.versionId))
    .where(and(eq(executions.environmentId, environmentId), eq(executions.id, id)))
  return row ?? null
}

export type Whole = NonNullable<Awaited<ReturnType<typeof findWhole>>>

export async function versionNumbers(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: versions.id, number: versions.number })
    .from(versions)
    .where(inArray(versions.id, [...ids]))
  return new Map(rows.map(row => [row.id, row.number]))
}
