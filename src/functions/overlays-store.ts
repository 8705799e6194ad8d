// SQL of overlays: what an operator decided, until it is lifted or its time has passed. Held executions are never touched:
// the claim looks here. One of a kind is in force for a target at a time; putting a second replaces the first.
import { and, asc, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { overlays } from '../db/schema.ts'

export type Overlay = typeof overlays.$inferSelect

interface Target {
  environmentId: string
  /** Null: the whole environment. */
  functionId: string | null
  kind: Overlay['kind']
}

type Decision = Target & Pick<Overlay, 'reason' | 'actor' | 'until'>

const unlifted = isNull(overlays.liftedAt)
const timeLeft = or(isNull(overlays.until), gt(overlays.until, sql`now()`))

/** All of an environment and of its functions, oldest first; one whose time has passed is not in force, swept or not. */
export function overlaysInForce(db: Db | Tx, environmentId: string): Promise<Overlay[]> {
  return db
    .select()
    .from(overlays)
    .where(and(eq(overlays.environmentId, environmentId), unlifted, timeLeft))
    .orderBy(asc(overlays.createdAt), asc(overlays.id))
}

/** Needs the environment's lock, as lifting does: two at once would meet in the unique index. */
export async function putOverlay(tx: Tx, decision: Decision): Promise<Overlay> {
  await tx.update(overlays).set(liftedBy(decision.actor)).where(onTarget(decision))
  const [row] = await tx.insert(overlays).values(decision).returning()
  if (!row) throw new Error(`the ${decision.kind} of environment ${decision.environmentId} was not stored`)
  return row
}

/** Resolves to what was in force and now is not; null: there was nothing to lift. */
export async function liftOverlay(tx: Tx, { actor, ...target }: Target & { actor: string }) {
  const [row] = await tx
    .update(overlays)
    .set(liftedBy(actor))
    .where(and(onTarget(target), timeLeft))
    .returning()
  return row ?? null
}

/** What the sweep has to lift, oldest first. */
export function listExpiredOverlays(db: Db | Tx, limit: number): Promise<Overlay[]> {
  return db
    .select()
    .from(overlays)
    .where(and(unlifted, isNotNull(overlays.until), lte(overlays.until, sql`now()`)))
    .orderBy(asc(overlays.until))
    .limit(limit)
}

/** Null: somebody lifted or replaced it first. */
export async function liftExpiredOverlay(tx: Tx, id: string): Promise<Overlay | null> {
  const expired = and(eq(overlays.id, id), unlifted, lte(overlays.until, sql`now()`))
  const [row] = await tx.update(overlays).set(liftedBy('sluice')).where(expired).returning()
  return row ?? null
}

/** By PostgreSQL's clock, the one everything else goes by. */
export async function hasPassed(db: Db | Tx, time: Date): Promise<boolean> {
  const [row] = await db.execute<{ passed: boolean }>(
    sql`select ${time.toISOString()}::timestamptz <= now() as passed`,
  )
  return row?.passed ?? false
}

function onTarget({ environmentId, functionId, kind }: Target): SQL | undefined {
  const one = functionId === null ? isNull(overlays.functionId) : eq(overlays.functionId, functionId)
  return and(eq(overlays.environmentId, environmentId), one, eq(overlays.kind, kind), unlifted)
}

function liftedBy(actor: string) {
  return { liftedAt: sql`now()`, liftedBy: actor }
}
