// SQL that counts what has finished, hour by hour, once each.
import { type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { durationBase } from './percentiles.ts'

/** Holds the one row that lines up those who count. Null: another counts. */
export async function lockProgress(tx: Tx): Promise<Date | null> {
  await tx.execute(
    sql`insert into rollup_progress (id, until) values (1, '-infinity') on conflict do nothing`,
  )
  const [row] = await tx.execute<{ until: string }>(sql`
    select extract(epoch from case when until = '-infinity' then '1970-01-01' else until end)::text as until
    from rollup_progress
    for update skip locked
  `)
  return row ? new Date(Number(row.until) * 1_000) : null
}

export async function progressed(tx: Tx, until: Date): Promise<void> {
  await tx.execute(sql`update rollup_progress set until = ${until.toISOString()}`)
}

const ms = sql`extract(epoch from finished_at - attempt_started_at) * 1000`
const bucket = sql`case
  when attempt_started_at is null then -1
  else greatest(0, ceil(ln(greatest(${ms}, 1)) / ln(${sql.raw(String(durationBase))})))
end::smallint`
export const noVersion = '00000000-0000-0000-0000-000000000000'

/** The columns of execution_rollups, counted from finished executions. */
export function counted(where: SQL): SQL {
  return sql`
    select environment_id, date_trunc('hour', finished_at) as hour, function_id,
      coalesce(version_id, ${noVersion}::uuid) as version_id, state, ${bucket} as bucket,
      count(*)::int as amount, coalesce(sum(${ms}), 0)::float8 as total_ms
    from finished_executions
    where ${where}
    group by 1, 2, 3, 4, 5, 6
  `
}

export async function count(tx: Tx, from: Date, until: Date): Promise<void> {
  const within = sql`finished_at >= ${from.toISOString()} and finished_at < ${until.toISOString()}`
  await tx.execute(sql`
    insert into execution_rollups (environment_id, hour, function_id, version_id, state, bucket, amount, total_ms)
    ${counted(within)}
    on conflict on constraint execution_rollups_key do update
    set amount = execution_rollups.amount + excluded.amount, total_ms = execution_rollups.total_ms + excluded.total_ms
  `)
}

const keptDays = 90

export async function forgetOldHours(db: Db): Promise<void> {
  await db.execute(sql`delete from execution_rollups where hour < now() - make_interval(days => ${keptDays})`)
}

/**
 * They have their rows in the order of finishing, so an index of some pages finds the newest. No migration makes it: over millions of
 * rows that would keep settles waiting. New partitions are made long before they are used.
 */
export async function partitionsWithoutIndex(db: Db): Promise<string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select inhrelid::regclass::text as name
    from pg_inherits
    where inhparent = 'finished_executions'::regclass and not exists (
      select from pg_index join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam
      where indrelid = inhrelid and amname = 'brin' and indisvalid
    )
  `)
  return rows.map(row => row.name)
}

/** Beside the work that goes on; a half-made one of a process that died is made anew. */
export async function indexPartition(db: Db, partition: string): Promise<void> {
  const name = sql.identifier(`${partition}_finished`)
  await db.execute(sql`drop index if exists ${name}`)
  await db.execute(
    sql`create index concurrently if not exists ${name} on ${sql.identifier(partition)} using brin (finished_at)`,
  )
}
