// SQL of deletions and of the states they put a function in. A transition has a name and a guard: where no row comes back,
// somebody else was first. All of it under the environment's lock.
import { and, asc, desc, eq, inArray, isNull, lte, notExists, type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { deletions, functions, liveExecutions, overlays } from '../db/schema.ts'
import { afterCancelledDeletion } from './states.ts'
import type { FunctionRow } from './store.ts'

export type Deletion = typeof deletions.$inferSelect

const pending = and(isNull(deletions.cancelledAt), isNull(deletions.completedAt))
const due = lte(deletions.executeAt, sql`now()`)

export async function findPendingDeletion(db: Db | Tx, functionId: string): Promise<Deletion | null> {
  const [row] = await db
    .select()
    .from(deletions)
    .where(and(eq(deletions.functionId, functionId), pending))
  return row ?? null
}

/** With the functions' names, the soonest first. */
export function listPendingDeletions(
  db: Db | Tx,
  environmentId: string,
): Promise<{ name: string; executeAt: Date }[]> {
  return db
    .select({ name: functions.name, executeAt: deletions.executeAt })
    .from(deletions)
    .innerJoin(functions, eq(functions.id, deletions.functionId))
    .where(and(eq(functions.environmentId, environmentId), pending))
    .orderBy(asc(deletions.executeAt))
}

/** Of all functions of this name that an environment once had, the one deleted last. */
export async function findLastDeleted(
  db: Db | Tx,
  environmentId: string,
  name: string,
): Promise<Deletion | null> {
  const named = and(
    eq(functions.environmentId, environmentId),
    eq(functions.name, name),
    eq(functions.state, 'deleted'),
  )
  const [row] = await db
    .select({ deletion: deletions })
    .from(deletions)
    .innerJoin(functions, eq(functions.id, deletions.functionId))
    .where(named)
    .orderBy(desc(deletions.completedAt))
    .limit(1)
  return row?.deletion ?? null
}

interface Scheduling extends Pick<Deletion, 'functionId' | 'reason' | 'actor'> {
  graceSeconds: number
}

export async function scheduleDeletion(tx: Tx, { graceSeconds, ...request }: Scheduling): Promise<Deletion> {
  const executeAt = sql`now() + make_interval(secs => ${graceSeconds})`
  const [row] = await tx
    .insert(deletions)
    .values({ ...request, executeAt })
    .returning()
  if (!row) throw new Error(`the deletion of function ${request.functionId} was not stored`)
  await moveFunction(tx, request.functionId, ['init', 'building', 'active'], 'pending_deletion')
  return row
}

export async function cancelPendingDeletion(
  tx: Tx,
  one: Pick<FunctionRow, 'id' | 'activeVersionId'>,
  actor: string,
): Promise<Deletion | null> {
  const [row] = await tx
    .update(deletions)
    .set({ cancelledAt: sql`now()`, cancelledBy: actor })
    .where(and(eq(deletions.functionId, one.id), pending))
    .returning()
  if (!row) return null
  await moveFunction(tx, one.id, ['pending_deletion'], afterCancelledDeletion(one.activeVersionId))
  return row
}

export interface DueDeletion {
  id: string
  functionId: string
  environmentId: string
}

/**
 * What the sweep has to carry out, longest due first; a function with executions under way is left out until they end, so
 * that it does not stand before others. Nothing of it is locked: each is read again under its locks.
 */
export function listDueDeletions(db: Db | Tx, limit: number): Promise<DueDeletion[]> {
  return db
    .select({
      id: deletions.id,
      functionId: deletions.functionId,
      environmentId: functions.environmentId,
    })
    .from(deletions)
    .innerJoin(functions, eq(functions.id, deletions.functionId))
    .where(and(pending, due, notExists(underWay(db, functions.id))))
    .orderBy(asc(deletions.executeAt))
    .limit(limit)
}

/**
 * Stronger than lockFunction: the foreign key of an execution being enqueued waits for it, and it for theirs. What was
 * accepted before is therefore seen here; what comes after must look at the function's state again.
 */
export async function lockFunctionToDelete(tx: Tx, id: string): Promise<FunctionRow> {
  const [row] = await tx.select().from(functions).where(eq(functions.id, id)).for('update')
  if (!row) throw new Error(`function ${id} does not exist`)
  return row
}

export async function isStillDue(tx: Tx, id: string): Promise<Deletion | null> {
  const [row] = await tx
    .select()
    .from(deletions)
    .where(and(eq(deletions.id, id), pending, due))
  return row ?? null
}

export async function hasRunningExecutions(tx: Tx, functionId: string): Promise<boolean> {
  const rows = await underWay(tx, functionId).limit(1)
  return rows.length > 0
}

function underWay(db: Db | Tx, functionId: string | typeof functions.id) {
  return db
    .select({ id: liveExecutions.id })
    .from(liveExecutions)
    .where(
      and(eq(liveExecutions.functionId, functionId), inArray(liveExecutions.state, ['running', 'aborting'])),
    )
}

export async function completeDeletion(tx: Tx, deletion: Deletion, tombstone: string): Promise<void> {
  await moveFunction(tx, deletion.functionId, ['pending_deletion'], 'deleted')
  await tx
    .update(deletions)
    .set({ completedAt: sql`now()`, tombstone })
    .where(and(eq(deletions.id, deletion.id), pending))
  await tx
    .update(overlays)
    .set({ liftedAt: sql`now()`, liftedBy: 'sluice' })
    .where(and(eq(overlays.functionId, deletion.functionId), isNull(overlays.liftedAt)))
}

async function moveFunction(
  tx: Tx,
  id: string,
  from: FunctionRow['state'][],
  to: FunctionRow['state'],
): Promise<void> {
  const allowed: SQL | undefined = and(eq(functions.id, id), inArray(functions.state, from))
  const [row] = await tx.update(functions).set({ state: to }).where(allowed).returning({ id: functions.id })
  if (!row)
    throw new Error(`function ${id} is in none of the states ${from.join(', ')}; it cannot become ${to}`)
}
