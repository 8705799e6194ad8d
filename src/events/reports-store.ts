// SQL of reports: what is to be brought up to date outside, and how far that has come. Wanting them: outbox.ts.
import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { reports } from '../db/schema.ts'

export type Report = typeof reports.$inferSelect
export type Remote = Record<string, unknown>

/**
 * Waits for whoever is raising `wanted` at this moment. His transaction may have found this very job waiting and so have made
 * none of his own (one waiting job a report): what he wants must be seen now, or nobody would come for it.
 */
export async function findReport(db: Db | Tx, id: string): Promise<Report | null> {
  const [row] = await db.select().from(reports).where(eq(reports.id, id)).for('share')
  return row ?? null
}

/** In the middle of a write: an id the other side gave must outlive whatever happens next. */
export async function rememberRemote(db: Db | Tx, id: string, remote: Remote): Promise<void> {
  await db.update(reports).set({ remote }).where(eq(reports.id, id))
}

/** `upTo` is what was wanted before the writer looked at the world; what was wanted since stays wanted. */
export async function markWritten(
  db: Db | Tx,
  id: string,
  { upTo, error, ...written }: { upTo: number; error: string | null; remote?: Remote },
): Promise<void> {
  await db
    .update(reports)
    .set({ ...written, error, written: sql`greatest(${reports.written}, ${upTo})` })
    .where(eq(reports.id, id))
}

export async function markFailed(db: Db | Tx, id: string, error: string): Promise<void> {
  await db.update(reports).set({ error }).where(eq(reports.id, id))
}

/**
 * Reports that are behind and that no job is going to write: its retries ran out, or it was lost. pg-boss has no question
 * for that, so its table is read here. Those with a job are left out, so a batch of hopeless ones hides nobody; after three
 * days without a change it is left at the error that stands in the row, until the next change.
 */
export async function reportsLeftBehind(db: Db | Tx, limit: number): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    with live as materialized (
      select singleton_key from pgboss.job where name = 'report' and state in ('created', 'retry', 'active')
    )
    select id from reports
    where written < wanted
      and updated_at between now() - interval '3 days' and now() - interval '30 seconds'
      and id::text not in (select singleton_key from live where singleton_key is not null)
    order by updated_at
    limit ${limit}`)
  return rows.map(row => row.id)
}

/** Marks reports that are there already as out of date; resolves to their ids, whose jobs the caller sends. */
export async function wantAgain(tx: Tx, kind: string, subjects: readonly string[]): Promise<string[]> {
  if (subjects.length === 0) return []
  return raise(tx, and(eq(reports.kind, kind), inArray(reports.subject, [...subjects])))
}

/** Everything that could not be written: for when what stood in the way is gone. */
export function wantFailedAgain(tx: Tx): Promise<string[]> {
  return raise(tx, isNotNull(reports.error))
}

/** Of these kinds, those whose subject begins so: wanted as if they had never been written. */
export async function writeAnew(tx: Tx, kinds: readonly string[], subject: string): Promise<string[]> {
  const rows = await tx
    .update(reports)
    .set({ remote: {}, wanted: sql`${reports.wanted} + 1`, updatedAt: sql`now()` })
    .where(and(inArray(reports.kind, [...kinds]), sql`starts_with(${reports.subject}, ${subject})`))
    .returning({ id: reports.id })
  return rows.map(row => row.id)
}

async function raise(tx: Tx, which: ReturnType<typeof and>): Promise<string[]> {
  const rows = await tx
    .update(reports)
    .set({ wanted: sql`${reports.wanted} + 1`, updatedAt: sql`now()` })
    .where(which)
    .returning({ id: reports.id })
  return rows.map(row => row.id)
}
