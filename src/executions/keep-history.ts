// Keeps a place ready for what finishes, and drops what is older than what is to be kept: whole partitions, never rows. Anybody
// may do it at any time; of two at once one is told that it exists already, and both go on.
import type { Db } from '../db/client.ts'
import { sqlStateOf } from '../db/sql-state.ts'
import { databaseTime } from '../db/time.ts'
import type { Core } from '../events/outbox.ts'
import { addSpan, deletedRest, dropSpan, listSpans, type PartitionedTable } from './history-store.ts'
import { missingSpans, oldSpans, type Span } from './spans.ts'

const tables: readonly PartitionedTable[] = ['finished_executions', 'attempt_logs']
const pageSize = 5_000

export async function keepHistory({ db }: Pick<Core, 'db'>, keepSeconds: number): Promise<void> {
  const now = await databaseTime(db)
  for (const table of tables) {
    const present = await listSpans(db, table)
    for (const span of missingSpans(present, now, keepSeconds)) await add(db, table, span, now)
    for (const span of oldSpans(present, now, keepSeconds)) await hindranceOf(dropSpan(db, table, span))
  }
  await clearRest(db, new Date(now.getTime() - keepSeconds * 1_000))
}

const soonSeconds = 5
const rowsLieThere = '23514'
// Another did it (duplicate table or type, no such table, overlap), or somebody reads for long (lock timeout, deadlock): the next round
// tries again.
const hindrances = new Set(['42P07', '42710', '23505', '42P01', '42P17', '55P03', '40P01', rowsLieThere])

/** What finished before there was a span for it stays where it lies until it is old; the span begins after it. */
async function add(db: Db, table: PartitionedTable, span: Span, now: Date): Promise<void> {
  const hindrance = await hindranceOf(addSpan(db, table, span))
  const from = Math.ceil(now.getTime() / 1_000) + soonSeconds
  if (hindrance === rowsLieThere && from < span.to) await hindranceOf(addSpan(db, table, { ...span, from }))
}

async function hindranceOf(change: Promise<void>): Promise<string | null> {
  try {
    await change
    return null
  } catch (error) {
    const state = sqlStateOf(error) ?? ''
    if (!hindrances.has(state)) throw error
    return state
  }
}

async function clearRest(db: Db, before: Date): Promise<void> {
  for (const table of tables) while ((await deletedRest(db, table, before, pageSize)) === pageSize);
}
