// SQL of one function: its versions with the commits that made them, and when it was switched.
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { builds, versions } from '../../db/schema.ts'
import type { FunctionOptions } from '../../functions/manifest.ts'

export interface ShownVersion {
  id: string
  number: number
  createdAt: Date
  file: string
  options: FunctionOptions
  bundleDigest: string
  build: { number: number; sha: string; message: string; author: string }
}

const mostVersions = 50

/** Newest first. */
export function listVersions(db: Db, functionId: string): Promise<ShownVersion[]> {
  const { id, number, createdAt, file, options, bundleDigest } = versions
  return db
    .select({
      ...{ id, number, createdAt, file, options, bundleDigest },
      build: { number: builds.number, sha: builds.sha, message: builds.message, author: builds.author },
    })
    .from(versions)
    .innerJoin(builds, eq(builds.id, versions.buildId))
    .where(and(eq(versions.functionId, functionId)))
    .orderBy(desc(number))
    .limit(mostVersions)
}

export interface Switch {
  at: Date
  kind: string
  actor: string
  build: number
}

/** Releases that changed what is live of it, since then. */
export async function listSwitches(
  db: Db,
  { environmentId, name, since }: { environmentId: string; name: string; since: Date },
): Promise<Switch[]> {
  const rows = await db.execute<{ at: string; kind: string; actor: string; build: number }>(sql`
    select r.created_at as at, r.kind, r.actor, b.number as build
    from releases r join builds b on b.id = r.build_id
    where r.environment_id = ${environmentId} and r.created_at >= ${since.toISOString()}
      and (r.changes -> 'added' ? ${name} or r.changes -> 'changed' ? ${name} or r.changes -> 'restored' ? ${name})
    order by r.sequence desc
    limit 30
  `)
  return rows.map(row => ({ ...row, at: new Date(row.at) }))
}

export interface RecentError {
  name: string
  message: string
  amount: number
  newest: string
  at: Date
}

/** What it failed with lately, most often first, messages that differ in numbers and ids alone taken together: of the newest failures alone, so that it costs the same for any history. */
export async function recentErrors(
  db: Db,
  environmentId: string,
  functionId: string,
): Promise<RecentError[]> {
  const rows = await db.execute<Record<string, string>>(sql`
    with failed as (
      select id, error, finished_at
      from finished_executions
      where environment_id = ${environmentId} and function_id = ${functionId} and state = 'failed'
        and finished_at > now() - interval '24 hours' and sequence > (
          select coalesce(max(sequence), 0) - 50000 from finished_executions where environment_id = ${environmentId}
        )
      order by sequence desc
      limit 500
    )
    select error::jsonb ->> 'name' as name,
      regexp_replace(left(error::jsonb ->> 'message', 500), '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+', '…', 'g') as message,
      count(*) as amount,
      (array_agg(id order by finished_at desc))[1] as newest, max(finished_at) as at
    from failed
    group by 1, 2
    order by count(*) desc
    limit 5
  `)
  return rows.map(row => ({
    name: row.name ?? 'Error',
    message: row.message ?? '',
    amount: Number(row.amount),
    newest: row.newest ?? '',
    at: new Date(row.at ?? 0),
  }))
}
