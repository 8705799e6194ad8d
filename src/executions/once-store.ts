// SQL of idempotency keys.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'

export interface OnceKey {
  environmentId: string
  key: string
  /** Digest of the request. */
  fingerprint: string
}

/** Whether it is new. Waits for a transaction that is storing the same key, and then it is not. */
export async function insertKey(tx: Tx, { environmentId, key, fingerprint }: OnceKey): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into idempotency_keys (environment_id, key, fingerprint)
    values (${environmentId}, ${key}, ${fingerprint})
    on conflict do nothing
    returning key
  `)
  return rows.length > 0
}

export async function keepAnswer(
  tx: Tx,
  { environmentId, key }: OnceKey,
  executionIds: string[],
): Promise<void> {
  await tx.execute(sql`
    update idempotency_keys set execution_ids = ${sql.param(executionIds)}::uuid[]
    where environment_id = ${environmentId} and key = ${key}
  `)
}

export type KeptAnswer = { fingerprint: string; executionIds: string[] }

export async function findAnswer(tx: Tx, { environmentId, key }: OnceKey): Promise<KeptAnswer | null> {
  const [row] = await tx.execute<KeptAnswer>(sql`
    select fingerprint, execution_ids as "executionIds"
    from idempotency_keys
    where environment_id = ${environmentId} and key = ${key}
  `)
  return row ?? null
}

export interface Answer {
  status: number
  body: unknown
}

export async function keepWhole(tx: Tx, { environmentId, key }: OnceKey, answer: Answer): Promise<void> {
  await tx.execute(sql`
    update idempotency_keys set answer = ${JSON.stringify(answer)}::text::jsonb
    where environment_id = ${environmentId} and key = ${key}
  `)
}

export async function findWhole(
  tx: Tx,
  { environmentId, key }: OnceKey,
): Promise<{ fingerprint: string; answer: Answer | null } | null> {
  const [row] = await tx.execute<{ fingerprint: string; answer: Answer | null }>(sql`
    select fingerprint, answer from idempotency_keys where environment_id = ${environmentId} and key = ${key}
  `)
  return row ?? null
}

/** A page of those older than that; how many it were. */
export async function deletedKeys(db: Db, hours: number, limit: number): Promise<number> {
  const rows = await db.execute(sql`
    delete from idempotency_keys
    where ctid = any(array(
      select ctid from idempotency_keys where created_at < now() - make_interval(hours => ${hours}) limit ${limit}
    ))
    returning key
  `)
  return rows.length
}
