// SQL of admitting builds. The pipeline's own statements: store.ts.
import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { builds } from '../db/schema.ts'
import type { Known } from './admission.ts'

export type Build = typeof builds.$inferSelect

/** Enough to decide on: the newest, and all that are under way. */
export async function listForAdmission(tx: Tx, environmentId: string): Promise<Known[]> {
  const rows = await tx
    .select()
    .from(builds)
    .where(eq(builds.environmentId, environmentId))
    .orderBy(desc(builds.number))
    .limit(50)
  return rows.map(({ id, sha, number, finishedAt }) => ({ id, sha, number, finished: finishedAt !== null }))
}

type NewBuild = Pick<Build, 'environmentId' | 'number' | 'sha' | 'ref' | 'message' | 'author'>

export async function insertBuild(tx: Tx, build: NewBuild): Promise<string> {
  const [row] = await tx.insert(builds).values(build).returning({ id: builds.id })
  if (!row) throw new Error(`build ${build.number} of ${build.sha} was not stored`)
  return row.id
}

/** Resolves to those that really were under way. */
export async function endBuilds(tx: Tx, ids: string[], state: 'superseded' | 'cancelled'): Promise<Build[]> {
  if (ids.length === 0) return []
  return tx
    .update(builds)
    .set({ state, finishedAt: sql`now()` })
    .where(and(inArray(builds.id, ids), isNull(builds.finishedAt)))
    .returning()
}

export async function findBuild(db: Db | Tx, id: string): Promise<Build | null> {
  const [row] = await db.select().from(builds).where(eq(builds.id, id))
  return row ?? null
}
