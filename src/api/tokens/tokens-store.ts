// SQL of environment tokens as they are listed and ended; how one is found by its hash is in api/store.ts.
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { tokens } from '../../db/schema.ts'

const { id, prefix, createdAt, lastUsedAt, revokedAt } = tokens
const columns = { id, prefix, createdAt, lastUsedAt, revokedAt }

export type ListedToken = Awaited<ReturnType<typeof listTokens>>[number]

export function listTokens(db: Db, environmentId: string) {
  return db
    .select(columns)
    .from(tokens)
    .where(eq(tokens.environmentId, environmentId))
    .orderBy(asc(createdAt), asc(id))
}

export async function findTokenByHash(db: Db, hash: string): Promise<ListedToken | null> {
  const [row] = await db.select(columns).from(tokens).where(eq(tokens.hash, hash))
  return row ?? null
}

/** Null: the environment has none of that id. One that is revoked already stays so since then. */
export async function revokeToken(
  db: Db,
  environmentId: string,
  tokenId: string,
): Promise<ListedToken | null> {
  const it = and(eq(tokens.environmentId, environmentId), eq(id, tokenId))
  await db
    .update(tokens)
    .set({ revokedAt: sql`now()` })
    .where(and(it, isNull(revokedAt)))
  const [row] = await db.select(columns).from(tokens).where(it)
  return row ?? null
}
