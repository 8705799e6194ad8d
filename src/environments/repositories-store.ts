// SQL of repositories: stored when GitHub first names them, renamed, moved, removed. Their configuration: store.ts.
import { and, eq, isNull, ne, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { repositories } from '../db/schema.ts'

export interface RepositorySaid {
  id: number
  installationId: number
  owner: string
  name: string
  defaultBranch: string
  private: boolean
}

/** Stores it, or brings the row of this id up to what is said; a removed one is there again. */
export async function saveRepository(tx: Tx, said: RepositorySaid): Promise<void> {
  await releaseName(tx, said)
  const { id: _, ...changed } = said
  await tx
    .insert(repositories)
    .values(said)
    .onConflictDoUpdate({ target: repositories.id, set: { ...changed, removedAt: null } })
}

/** A name has one owner. Another row that bears it was deleted or renamed, and the word of that never reached us. */
async function releaseName(tx: Tx, { id, owner, name }: RepositorySaid): Promise<void> {
  await tx
    .update(repositories)
    .set({ removedAt: sql`now()` })
    .where(
      and(
        eq(sql`lower(${repositories.owner})`, owner.toLowerCase()),
        eq(sql`lower(${repositories.name})`, name.toLowerCase()),
        ne(repositories.id, id),
        isNull(repositories.removedAt),
      ),
    )
}

/** Its rows stay: executions and audit speak of them. Nothing new happens to a removed repository. */
export async function removeRepository(db: Db | Tx, id: number): Promise<void> {
  await removeWhere(db, eq(repositories.id, id))
}

export async function removeRepositoriesOf(db: Db | Tx, installationId: number): Promise<void> {
  await removeWhere(db, eq(repositories.installationId, installationId))
}

async function removeWhere(db: Db | Tx, which: ReturnType<typeof eq>): Promise<void> {
  await db
    .update(repositories)
    .set({ removedAt: sql`now()` })
    .where(and(which, isNull(repositories.removedAt)))
}

/** Where its branches and pull requests stood when they were reconciled. */
export async function saveHeads(db: Db | Tx, id: number, heads: Record<string, string>): Promise<void> {
  // What was built while we looked belongs to what is to be seen the next time.
  const headsAt = sql`now() - interval '1 minute'`
  await db.update(repositories).set({ heads, headsAt }).where(eq(repositories.id, id))
}
