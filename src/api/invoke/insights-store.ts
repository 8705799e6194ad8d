// SQL of insights: what became of a function's executions, by the day they finished on and by version.
import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'

export interface Day {
  /** As ISO 8601 writes it, in UTC. */
  day: string
  version: number | null
  executions: number
  succeeded: number
  failed: number
  p50: number | null
  p95: number | null
}

/** The newest day and version first. The time is said as it is, so that partitions of other days are not read. */
export async function insightsOf(
  db: Db,
  one: { environmentId: string; functionId: string; from: Date },
): Promise<Day[]> {
  const rows = await db.execute<Record<keyof Day, string | null>>(sql`
    with ended as (
      select to_char(done.finished_at at time zone 'UTC', 'YYYY-MM-DD') as day, versions.number as version, done.state,
        extract(epoch from done.finished_at - done.attempt_started_at) * 1000 as ms
      from finished_executions done
      left join versions on versions.id = done.version_id
      where done.environment_id = ${one.environmentId} and done.function_id = ${one.functionId}
        and done.finished_at >= ${one.from.toISOString()}::timestamptz
    )
    select day, version, count(*) as executions,
      count(*) filter (where state = 'succeeded') as succeeded,
      count(*) filter (where state = 'failed') as failed,
      percentile_cont(0.5) within group (order by ms) as p50,
      percentile_cont(0.95) within group (order by ms) as p95
    from ended
    group by day, version
    order by day desc, version desc nulls last
  `)
  const numberOr = (value: string | null) => (value === null ? null : Number(value))
  return rows.map(row => ({
    day: row.day ?? '',
    version: numberOr(row.version),
    executions: Number(row.executions),
    succeeded: Number(row.succeeded),
    failed: Number(row.failed),
    p50: numberOr(row.p50),
    p95: numberOr(row.p95),
  }))
}
