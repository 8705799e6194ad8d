// SQL of keys as the API lists and ends them: a key of one environment sees those of that one alone.
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { apiKeys, environments } from '../../db/schema.ts'

/** What a key may see and end. */
export interface Reach {
  repositoryId: number
  /** Null: all of the repository's. */
  environmentId: string | null
}

const { id, name, role, prefix, createdAt, expiresAt, lastUsedAt, revokedAt } = apiKeys
const columns = {
  ...{ id, name, role, prefix, createdAt, expiresAt, lastUsedAt, revokedAt },
  environment: environments.name,
}

export type SeenKey = Awaited<ReturnType<typeof keysWithin>>[number]

const within = ({ repositoryId, environmentId }: Reach) =>
  and(
    eq(apiKeys.repositoryId, repositoryId),
    environmentId === null ? undefined : eq(apiKeys.environmentId, environmentId),
  )

export function keysWithin(db: Db, reach: Reach) {
  return db
    .select(columns)
    .from(apiKeys)
    .leftJoin(environments, eq(environments.id, apiKeys.environmentId))
    .where(within(reach))
    .orderBy(asc(createdAt), asc(id))
}

export async function findKeyBy(
  db: Db,
  reach: Reach,
  by: { id: string } | { hash: string },
): Promise<SeenKey | null> {
  const it = 'id' in by ? eq(id, by.id) : eq(apiKeys.hash, by.hash)
  const [row] = await db
    .select(columns)
    .from(apiKeys)
    .leftJoin(environments, eq(environments.id, apiKeys.environmentId))
    .where(and(within(reach), it))
  return row ?? null
}

/** One that is revoked already stays so since then. */
export async function endKey(db: Db, reach: Reach, keyId: string): Promise<void> {
  await db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(within(reach), eq(id, keyId), isNull(revokedAt)))
}
