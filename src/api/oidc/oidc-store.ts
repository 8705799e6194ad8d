// SQL of the exchange: whose token it is, where its branch lands, and that each is used once.
import { and, eq, isNull, lt, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { apiKeys, environments, installations, repositories, usedTokens } from '../../db/schema.ts'

/** Of those we are installed on: by its id and its owner's, never by name. */
export async function findRepositoryOf(db: Db, id: number, ownerId: number) {
  const [row] = await db
    .select({ id: repositories.id })
    .from(repositories)
    .innerJoin(installations, eq(installations.id, repositories.installationId))
    .where(
      and(
        eq(repositories.id, id),
        eq(installations.accountId, ownerId),
        isNull(repositories.removedAt),
        isNull(installations.deletedAt),
        isNull(installations.suspendedAt),
      ),
    )
  return row ?? null
}

/** Those that a branch lands in: no previews. */
export function listLandings(db: Db, repositoryId: number) {
  return db
    .select({ id: environments.id, name: environments.name, branch: environments.branch })
    .from(environments)
    .where(
      and(
        eq(environments.repositoryId, repositoryId),
        eq(environments.kind, 'branch'),
        isNull(environments.closedAt),
      ),
    )
}

/** False: it was used before. What has expired would be refused without this, and is forgotten. */
export async function useOnce(tx: Tx, jti: string, forgetAt: Date): Promise<boolean> {
  await tx.delete(usedTokens).where(lt(usedTokens.forgetAt, sql`now()`))
  const rows = await tx.insert(usedTokens).values({ jti, forgetAt }).onConflictDoNothing().returning()
  return rows.length > 0
}

/** A workflow gets one a run: nobody wants to read all that there ever were. */
export async function forgetExpiredKeys(tx: Tx, repositoryId: number): Promise<void> {
  await tx
    .delete(apiKeys)
    .where(
      and(
        eq(apiKeys.repositoryId, repositoryId),
        eq(apiKeys.exchanged, true),
        lt(apiKeys.expiresAt, sql`now() - interval '1 day'`),
      ),
    )
}
