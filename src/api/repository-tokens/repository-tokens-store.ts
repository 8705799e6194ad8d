// SQL of repositories' tokens, and of the environments they reach.
import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { repositories, repositoryTokens } from '../../db/schema.ts'
import { statement } from '../../db/statement.ts'
import type { Candidate } from './choose.ts'

export type RepositoryToken = typeof repositoryTokens.$inferSelect

export async function insertRepositoryToken(
  db: Db,
  token: Pick<RepositoryToken, 'repositoryId' | 'production' | 'prefix' | 'hash'>,
): Promise<void> {
  await db.insert(repositoryTokens).values(token)
}

export async function findRepositoryToken(
  db: Db,
  hash: string,
): Promise<Pick<RepositoryToken, 'id' | 'repositoryId' | 'production'> | null> {
  const { id, repositoryId, production } = repositoryTokens
  const [row] = await db
    .select({ id, repositoryId, production })
    .from(repositoryTokens)
    .innerJoin(repositories, eq(repositories.id, repositoryId))
    .where(
      and(
        eq(repositoryTokens.hash, hash),
        isNull(repositoryTokens.revokedAt),
        isNull(repositories.removedAt),
      ),
    )
  return row ?? null
}

const openEnvironments = statement<{ repositoryId: number }, Candidate>(sql`
  select id, name, kind, branch, production, trusted
  from environments
  where repository_id = ${sql.placeholder('repositoryId')} and closed_at is null
  order by name
`)

export function listCandidates(db: Db, repositoryId: number): Promise<Candidate[]> {
  return openEnvironments(db, { repositoryId })
}

/** To the minute, as of environments' tokens. */
export async function repositoryTokenUsed(db: Db, id: string): Promise<void> {
  const isOld = or(
    isNull(repositoryTokens.lastUsedAt),
    lt(repositoryTokens.lastUsedAt, sql`now() - interval '1 minute'`),
  )
  await db
    .update(repositoryTokens)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(repositoryTokens.id, id), isOld))
}

export function listRepositoryTokens(db: Db, repositoryId: number): Promise<RepositoryToken[]> {
  return db
    .select()
    .from(repositoryTokens)
    .where(eq(repositoryTokens.repositoryId, repositoryId))
    .orderBy(asc(repositoryTokens.createdAt))
}

/** False: there is none that begins so, or it was revoked before. */
export async function revokeRepositoryToken(db: Db, repositoryId: number, prefix: string): Promise<boolean> {
  const rows = await db
    .update(repositoryTokens)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(repositoryTokens.repositoryId, repositoryId),
        eq(repositoryTokens.prefix, prefix),
        isNull(repositoryTokens.revokedAt),
      ),
    )
    .returning({ id: repositoryTokens.id })
  return rows.length > 0
}
