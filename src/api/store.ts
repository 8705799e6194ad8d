// SQL of tokens. Only their hashes are stored; one of a closed environment is as good as none.
import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { functions, tokens } from '../db/schema.ts'
import { statement } from '../db/statement.ts'

export async function insertToken(
  db: Db,
  token: { environmentId: string; prefix: string; hash: string },
): Promise<void> {
  await db.insert(tokens).values(token)
}

type FoundToken = { id: string; environmentId: string }

const tokenByHash = statement<{ hash: string }, FoundToken>(sql`
  select t.id, t.environment_id as "environmentId"
  from tokens t
  join environments e on e.id = t.environment_id
  where t.hash = ${sql.placeholder('hash')} and t.revoked_at is null and e.closed_at is null
`)

export async function findToken(db: Db, hash: string): Promise<FoundToken | null> {
  const [row] = await tokenByHash(db, { hash })
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
  const rows = await openEnvironment(db, { environmentId })
  return rows.length > 0
}

const openEnvironment = statement<{ environmentId: string }, { id: string }>(sql`
  select id from environments where id = ${sql.placeholder('environmentId')} and closed_at is null
`)

export async function functionNames(db: Db, environmentId: string): Promise<string[]> {
  const rows = await db
    .select({ name: functions.name })
    .from(functions)
    .where(and(eq(functions.environmentId, environmentId), sql`${functions.state} <> 'deleted'`))
    .orderBy(functions.name)
  return rows.map(row => row.name)
}
