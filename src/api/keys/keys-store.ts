// SQL of the lifecycle API's keys.
import { and, asc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { apiKeys, environments, repositories } from '../../db/schema.ts'

export type ApiKey = typeof apiKeys.$inferSelect
export type KeyToStore = Pick<
  ApiKey,
  'repositoryId' | 'environmentId' | 'name' | 'role' | 'prefix' | 'hash'
> & {
  /** Null: it does not expire. */
  validSeconds: number | null
  exchanged?: boolean
}

export async function insertKey(db: Db | Tx, { validSeconds, ...key }: KeyToStore): Promise<void> {
  const expiresAt = validSeconds === null ? null : sql`now() + make_interval(secs => ${validSeconds})`
  await db.insert(apiKeys).values({ ...key, expiresAt })
}

/** One that may be used: of a repository that is there, neither revoked nor expired. */
export async function findUsableKey(db: Db, hash: string): Promise<ApiKey | null> {
  const [row] = await db
    .select({ key: apiKeys })
    .from(apiKeys)
    .innerJoin(repositories, eq(repositories.id, apiKeys.repositoryId))
    .where(
      and(
        eq(apiKeys.hash, hash),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
        isNull(repositories.removedAt),
      ),
    )
  return row?.key ?? null
}

/** Once a minute at most: a write for every request would cost more than it tells. */
export async function keyUsed(db: Db, id: string): Promise<void> {
  const isOld = sql`(last_used_at is null or last_used_at < now() - interval '1 minute')`
  await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(apiKeys.id, id), isOld))
}

export type ListedKey = Pick<
  ApiKey,
  'prefix' | 'name' | 'role' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt'
> & { environment: string | null }

export function listKeys(db: Db, repositoryId: number): Promise<ListedKey[]> {
  const { prefix, name, role, createdAt, expiresAt, lastUsedAt, revokedAt } = apiKeys
  return db
    .select({
      ...{ prefix, name, role, createdAt, expiresAt, lastUsedAt, revokedAt },
      environment: environments.name,
    })
    .from(apiKeys)
    .leftJoin(environments, eq(environments.id, apiKeys.environmentId))
    .where(eq(apiKeys.repositoryId, repositoryId))
    .orderBy(asc(apiKeys.createdAt))
}

/** False: there is none that begins so, or it was revoked before. */
export async function revokeKey(db: Db, repositoryId: number, prefix: string): Promise<boolean> {
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.repositoryId, repositoryId), eq(apiKeys.prefix, prefix), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  return rows.length > 0
}
