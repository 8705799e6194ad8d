// SQL of the partitions of tables that are cut by time. The catalogue is the only list of them. Each change takes its locks
// within a moment or not at all: settles must not line up behind it (RELIABILITY.md F55).
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { partitionName, type Span, spanOf } from './spans.ts'

/** Each with the time it is cut by. */
const partitioned = { finished_executions: 'finished_at', attempt_logs: 'at' } as const
export type PartitionedTable = keyof typeof partitioned

const lockTimeout = sql`select set_config('lock_timeout', '200ms', true)`

export async function listSpans(db: Db, table: PartitionedTable): Promise<Span[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = ${table}::regclass
  `)
  return rows.flatMap(({ name }) => spanOf(name) ?? [])
}

/** Made beside the table and then attached: its readers and writers are never locked out. */
export function addSpan(db: Db, table: PartitionedTable, span: Span): Promise<void> {
  const parent = sql.identifier(table)
  const partition = sql.identifier(partitionName(table, span))
  const at = (seconds: number) => sql.raw(`'${new Date(seconds * 1_000).toISOString()}'`)
  return db.transaction(async tx => {
    await tx.execute(lockTimeout)
    await tx.execute(sql`create table ${partition} (like ${parent} including all)`)
    await tx.execute(
      sql`alter table ${parent} attach partition ${partition} for values from (${at(span.from)}) to (${at(span.to)})`,
    )
  })
}

export function dropSpan(db: Db, table: PartitionedTable, span: Span): Promise<void> {
  return db.transaction(async tx => {
    await tx.execute(lockTimeout)
    await tx.execute(sql`drop table ${sql.identifier(partitionName(table, span))}`)
  })
}

/** What lies in no span, because nobody had made one in time: a page of it; how many rows it was. */
export async function deletedRest(
  db: Db,
  table: PartitionedTable,
  before: Date,
  limit: number,
): Promise<number> {
  const rest = sql.identifier(`${table}_rest`)
  const time = sql.identifier(partitioned[table])
  const rows = await db.execute(sql`
    delete from ${rest}
    where ctid = any(array(
      select ctid from ${rest} where ${time} < ${before.toISOString()} limit ${limit}
    ))
    returning 1
  `)
  return rows.length
}
