// SQL of what keeps all processes together within GitHub's limits: tokens of installations. Turns to write: events/turns-store.ts.
import { eq, like, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { installationTokens } from '../../db/schema.ts'

/** Not one that is about to expire under a request. */
export async function findToken(db: Db, key: string): Promise<string | null> {
  const { sealed, expiresAt } = installationTokens
  const [row] = await db
    .select({ sealed })
    .from(installationTokens)
    .where(sql`${installationTokens.key} = ${key} and ${expiresAt} > now() + interval '2 minutes'`)
  return row?.sealed ?? null
}

export async function saveToken(
  db: Db,
  token: { key: string; sealed: string; expiresAt: Date },
): Promise<void> {
  const { key: _, ...changed } = token
  await db
    .insert(installationTokens)
    .values(token)
    .onConflictDoUpdate({ target: installationTokens.key, set: changed })
}

/** Also those that were narrowed to some repositories. */
export async function deleteTokens(db: Db, installationId: number): Promise<void> {
  const { key } = installationTokens
  await db
    .delete(installationTokens)
    .where(or(eq(key, `${installationId}`), like(key, `${installationId}|%`)))
}
