// SQL that counts what has finished since the last time, once each.
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/client.ts'
import { settledUntil } from '../executions/settled-store.ts'

export interface Slice {
  from: Date
  until: Date
}

/** What ended of a version of a function within a slice. */
export interface Ended {
  functionId: string
  versionId: string
  failed: number
  lastFailedAt: Date | null
  lastSucceededAt: Date | null
}

export interface Sample {
  functionId: string
  amount: number
  /** JSON of a FailureRecord. */
  error: string | null
  executionId: string
}

const mostSamples = 200

/** `marginMs`: see settledUntil. Holds the one row that lines up those who count. Null: another counts, or nothing is settled since. */
export async function nextSlice(tx: Tx, marginMs: number): Promise<Slice | null> {
  // What failed before anybody watched is no news.
  await tx.execute(sql`insert into alert_progress (id, until) values (1, now()) on conflict do nothing`)
  const [row] = await tx.execute<{ from: string }>(
    sql`select extract(epoch from until)::text as from from alert_progress for update skip locked`,
  )
  if (!row) return null
  const slice = { from: new Date(Number(row.from) * 1_000), until: await settledUntil(tx, marginMs) }
  return slice.until > slice.from ? slice : null
}

export async function progressed(tx: Tx, { until }: Slice): Promise<void> {
  await tx.execute(sql`update alert_progress set until = ${until.toISOString()}`)
}

const within = ({ from, until }: Slice): SQL =>
  sql`finished_at >= ${from.toISOString()} and finished_at < ${until.toISOString()} and version_id is not null`

export async function endedIn(tx: Tx, slice: Slice): Promise<Ended[]> {
  const rows = await tx.execute<Record<string, string | null>>(sql`
    select function_id, version_id, count(*) filter (where state = 'failed') as failed,
      max(finished_at) filter (where state = 'failed') as last_failed_at,
      max(finished_at) filter (where state = 'succeeded') as last_succeeded_at
    from finished_executions
    where ${within(slice)} and state in ('failed', 'succeeded')
    group by 1, 2
  `)
  const time = (text: string | null | undefined) => (text ? new Date(text) : null)
  return rows.map(row => ({
    functionId: row.function_id ?? '',
    versionId: row.version_id ?? '',
    failed: Number(row.failed),
    lastFailedAt: time(row.last_failed_at),
    lastSucceededAt: time(row.last_succeeded_at),
  }))
}

/** Adds failures of a slice to those of their minute, and forgets what no window reaches back to. */
export async function countFailures(tx: Tx, slice: Slice): Promise<void> {
  await tx.execute(sql`
    insert into alert_counts (function_id, version_id, minute, failed)
    select function_id, version_id, date_trunc('minute', finished_at), count(*)
    from finished_executions
    where ${within(slice)} and state = 'failed'
    group by 1, 2, 3
    on conflict (function_id, version_id, minute) do update set failed = alert_counts.failed + excluded.failed
  `)
  await tx.execute(sql`delete from alert_counts where minute < now() - interval '2 hours'`)
}

/** What they failed of: the newest of each error that begins the same. */
export async function samplesOf(tx: Tx, slice: Slice, functionIds: readonly string[]): Promise<Sample[]> {
  if (functionIds.length === 0) return []
  const rows = await tx.execute<Record<string, string | null>>(sql`
    select function_id, count(*) as amount,
      (array_agg(error order by finished_at desc))[1] as error,
      (array_agg(id order by finished_at desc))[1] as execution_id
    from finished_executions
    where ${within(slice)} and state = 'failed' and function_id = any(${sql.param(functionIds)}::uuid[])
    group by function_id, left(error, 200)
    order by 2 desc
    limit ${mostSamples}
  `)
  return rows.map(row => ({
    functionId: row.function_id ?? '',
    amount: Number(row.amount),
    error: row.error ?? null,
    executionId: row.execution_id ?? '',
  }))
}
