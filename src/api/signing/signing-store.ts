// SQL of signing keys and of the signatures that were accepted.
import { and, asc, eq, gt, isNull, ne, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { functions, signingKeys, usedSignatures } from '../../db/schema.ts'
import { secondsOf, type Validity } from './validity.ts'

export type SigningKey = typeof signingKeys.$inferSelect

const endOf = (validity: Validity) => {
  const seconds = secondsOf(validity)
  return seconds === null ? null : sql`now() + make_interval(secs => ${seconds})`
}

type NewSigningKey = Pick<SigningKey, 'id' | 'functionId' | 'name' | 'sealed'> & { validity: Validity }

export async function insertSigningKey(db: Db, key: NewSigningKey): Promise<SigningKey | null> {
  const [row] = await db
    .insert(signingKeys)
    .values({ ...key, expiresAt: endOf(key.validity) })
    .returning()
  return row ?? null
}

/** Of a function, the oldest first; those that were ended too. */
export function listSigningKeys(db: Db, functionId: string): Promise<SigningKey[]> {
  return db
    .select()
    .from(signingKeys)
    .where(eq(signingKeys.functionId, functionId))
    .orderBy(asc(signingKeys.createdAt))
}

/** One that was not ended, of a function of this environment. */
export async function findSigningKey(db: Db, environmentId: string, id: string): Promise<SigningKey | null> {
  const [row] = await db
    .select({ key: signingKeys })
    .from(signingKeys)
    .innerJoin(functions, eq(functions.id, signingKeys.functionId))
    .where(
      and(
        eq(signingKeys.id, id),
        eq(functions.environmentId, environmentId),
        ne(functions.state, 'deleted'),
        isNull(signingKeys.revokedAt),
      ),
    )
  return row?.key ?? null
}

/** Null: it was ended meanwhile. Its time begins anew. */
export async function replaceSecret(
  db: Db,
  { id, validity }: Pick<SigningKey, 'id' | 'validity'>,
  sealed: string,
): Promise<SigningKey | null> {
  const [row] = await db
    .update(signingKeys)
    .set({ sealed, rolledAt: sql`now()`, expiresAt: endOf(validity) })
    .where(and(eq(signingKeys.id, id), isNull(signingKeys.revokedAt)))
    .returning()
  return row ?? null
}

export async function revokeSigningKey(db: Db, id: string): Promise<SigningKey | null> {
  const [row] = await db
    .update(signingKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(signingKeys.id, id), isNull(signingKeys.revokedAt)))
    .returning()
  return row ?? null
}

/** One that may sign calls of this function now, with the time by the clock that all processes share. */
export async function findUsableSigningKey(db: Db, functionId: string, id: string) {
  const [row] = await db
    .select({
      sealed: signingKeys.sealed,
      now: sql<Date>`now()`.mapWith(signingKeys.createdAt),
    })
    .from(signingKeys)
    .where(
      and(
        eq(signingKeys.id, id),
        eq(signingKeys.functionId, functionId),
        isNull(signingKeys.revokedAt),
        or(isNull(signingKeys.expiresAt), gt(signingKeys.expiresAt, sql`now()`)),
      ),
    )
  return row ?? null
}

/** False: it was accepted before, by whatever process. A few of the old ones go with each: the table stays as small as its traffic. */
export async function useSignature(db: Db, mac: string, forgetAt: Date): Promise<boolean> {
  await db.execute(sql`
    delete from used_signatures where mac in (
      select mac from used_signatures where forget_at < now() order by forget_at limit 20 for update skip locked
    )`)
  const rows = await db.insert(usedSignatures).values({ mac, forgetAt }).onConflictDoNothing().returning()
  return rows.length > 0
}

/** Once a minute at most: a write for every request would cost more than it tells. */
export async function signingKeyUsed(db: Db, id: string): Promise<void> {
  const isOld = sql`(last_used_at is null or last_used_at < now() - interval '1 minute')`
  await db
    .update(signingKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(signingKeys.id, id), isOld))
}
