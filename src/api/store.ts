// SQL of tokens. Only their hashes are stored; one of a closed environment is as good as none.
import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { environments, functions, tokens } from '../db/schema.ts'

export async function insertToken(
  db: Db,
  token: { environmentId: string; prefix: string; hash: string },
): Promise<void> {
  await db.insert(tokens).values(token)
}

export async function findToken(db: Db, hash: string): Promise<{ id: string; environmentId: string } | null> {
  const [row] = await db
    .select({ id: tokens.id, environmentId: tokens.environmentId })
    .from(tokens)
    .innerJoin(environments, eq(environments.id, tokens.environmentId))
    .where(and(eq(tokens.hash, hash), isNull(tokens.revokedAt), isNull(environments.closedAt)))
  return row ?? null
}

/** To the minute: a row written at every call would be the busiest of all. */
export async function tokenUsed(db: Db, id: string): Promise<void> {
  const isOld = or(isNull(tokens.lastUsedAt), lt(tokens.lastUsedAt, sql`now() - interval '1 minute'`))
  await db
    .update(tokens)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(tokens.id, id), isOld))
}

export async function isOpen(db: Db, environmentId: string): Promise<boolean> {
  const rows = await db
    .select({ id: environments.id })
    .from(environments)
    .where(and(eq(environments.id, environmentId), isNull(environments.closedAt)))
  return rows.length > 0
}

export async function functionNames(db: Db, environmentId: string): Promise<string[]> {
  const rows = await db
    .select({ name: functions.name })
    .from(functions)
    .where(and(eq(functions.environmentId, environmentId), sql`${functions.state} <> 'deleted'`))
    .orderBy(functions.name)
  return rows.map(row => row.name)
}
