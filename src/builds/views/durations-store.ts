// SQL of durations.ts. Of each environment the newest executions are looked at, so many and no more: an index gives them in
// order, however many there are. One function's alone has no index, and shall have none: each one costs every settle.
import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { Durations, Timing } from './durations.ts'
import { baseOfPreview } from './pull-view-store.ts'

const lookedAt = 20_000
const maxFunctions = 20

/** Null: there is nothing to compare yet. */
export async function loadDurations(db: Db, previewId: string): Promise<Durations | null> {
  const base = await baseOfPreview(db, previewId)
  if (!base) return null
  const rows = await changedTimings(db, previewId, base.id)
  const functions = rows.flatMap(row => {
    const own = timing(row.own_runs, row.own_mean, row.own_p95)
    return own ? [{ name: row.name, own, base: timing(row.base_runs, row.base_mean, row.base_p95) }] : []
  })
  return functions.length > 0 ? { base: base.name, functions } : null
}

function timing(runs: number | null, meanMs: number | null, p95Ms: number | null): Timing | null {
  return runs && meanMs !== null && p95Ms !== null ? { runs, meanMs, p95Ms } : null
}

/**
 * An attempt's time, of those that succeeded, by the versions that are live. Each side is read backwards along
 * finished_executions_listed (environment, sequence), newest partitions first, until it has enough or is three days back.
 */
function changedTimings(db: Db, previewId: string, baseId: string) {
  return db.execute<{
    name: string
    own_runs: number | null
    own_mean: number | null
    own_p95: number | null
    base_runs: number | null
    base_mean: number | null
    base_p95: number | null
  }>(sql`
    with changed as materialized (
      select own.name, own.active_version_id as own_version, other.active_version_id as base_version
      from functions own
      join functions other on other.environment_id = ${baseId} and other.name = own.name and other.state = 'active'
      join versions own_code on own_code.id = own.active_version_id
      join versions other_code on other_code.id = other.active_version_id
      where own.environment_id = ${previewId} and own.state = 'active'
        and own_code.fingerprint <> other_code.fingerprint
    ), recent as materialized (
      (select version_id, state, finished_at - attempt_started_at as took from finished_executions
       where environment_id = ${previewId} and finished_at > now() - interval '3 days'
       order by sequence desc limit ${lookedAt})
      union all
      (select version_id, state, finished_at - attempt_started_at from finished_executions
       where environment_id = ${baseId} and finished_at > now() - interval '3 days'
       order by sequence desc limit ${lookedAt})
    ), timed as materialized (
      select version_id, count(*)::int as runs,
        (avg(extract(epoch from took)) * 1000)::float8 as mean,
        (percentile_cont(0.95) within group (order by extract(epoch from took)) * 1000)::float8 as p95
      from recent where state = 'succeeded' and took is not null
      group by version_id
    )
    select changed.name, own.runs as own_runs, own.mean as own_mean, own.p95 as own_p95,
      base.runs as base_runs, base.mean as base_mean, base.p95 as base_p95
    from changed
    join timed own on own.version_id = changed.own_version
    left join timed base on base.version_id = changed.base_version
    order by changed.name
    limit ${maxFunctions}`)
}

/** The newest execution that has finished in an environment, by its number; 0: none has. */
export async function newestRun(db: Db, environmentId: string): Promise<number> {
  const [row] = await db.execute<{ sequence: string }>(sql`
    select sequence from finished_executions where environment_id = ${environmentId} order by sequence desc limit 1`)
  return Number(row?.sequence ?? 0)
}
