// SQL of figures: what was counted by the hour, and what has finished since, for an environment or one function, as sums by duration
// and by part of the time that is looked at.
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { counted } from './rollup-store.ts'

export interface Looked {
  environmentId: string
  /** Null: of all its functions. */
  functionId: string | null
  from: Date
  /** Into so many parts of the same length. */
  parts: number
}

export interface ByBucket {
  functionId: string
  versionId: string
  state: string
  bucket: number
  amount: number
  totalMs: number
}

export interface ByPart {
  functionId: string
  part: number
  bucket: number
  amount: number
  failed: number
}

function figures({ environmentId, functionId, from }: Looked): SQL {
  const one = functionId === null ? sql`true` : sql`function_id = ${functionId}`
  const since = from.toISOString()
  return sql`
    progress as (select coalesce((select until from rollup_progress), '-infinity') as until),
    figures as (
      select hour, function_id, version_id, state, bucket, amount, total_ms
      from execution_rollups
      where environment_id = ${environmentId} and hour >= date_trunc('hour', ${since}::timestamptz) and ${one}
      union all
      select hour, function_id, version_id, state, bucket, amount, total_ms
      from (${counted(sql`environment_id = ${environmentId} and ${one}
        and finished_at >= (select until from progress) and finished_at >= ${since}`)}) fresh
    )
  `
}

export async function figuresByBucket(db: Db, looked: Looked): Promise<ByBucket[]> {
  const rows = await db.execute<Record<string, string>>(sql`
    with ${figures(looked)}
    select function_id, version_id, state, bucket, sum(amount)::int as amount, sum(total_ms) as total_ms
    from figures
    group by 1, 2, 3, 4
  `)
  return rows.map(row => ({
    functionId: row.function_id ?? '',
    versionId: row.version_id ?? '',
    state: row.state ?? '',
    bucket: Number(row.bucket),
    amount: Number(row.amount),
    totalMs: Number(row.total_ms),
  }))
}

/** `withDurations`: each part by duration, too. */
export async function figuresByPart(db: Db, looked: Looked, withDurations = false): Promise<ByPart[]> {
  const { from, parts } = looked
  const start = sql`extract(epoch from date_trunc('hour', ${from.toISOString()}::timestamptz))`
  const rows = await db.execute<Record<string, string>>(sql`
    with ${figures(looked)}
    select function_id, ${withDurations ? sql`bucket` : sql`0 as bucket`},
      least(${parts - 1}, floor((extract(epoch from hour) - ${start}) * ${parts}
        / greatest(3600, extract(epoch from now()) - ${start})))::int as part,
      sum(amount)::int as amount, (sum(amount) filter (where state = 'failed'))::int as failed
    from figures
    where state in ('succeeded', 'failed')
    group by 1, 2, 3
  `)
  return rows.map(row => ({
    functionId: row.function_id ?? '',
    part: Number(row.part),
    bucket: Number(row.bucket),
    amount: Number(row.amount),
    failed: Number(row.failed ?? 0),
  }))
}
