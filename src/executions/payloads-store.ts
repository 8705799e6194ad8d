// SQL of payloads. Whoever stores one says so before the artifact is written; the sweep deletes under the row's lock: an
// artifact that is stored again meanwhile is written after it was deleted.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'

export async function used(db: Db | Tx, digest: string): Promise<void> {
  await db.execute(sql`
    insert into payloads (digest) values (${digest}) on conflict (digest) do update set used_at = now()
  `)
}

/** Whether it is still there; if so it stays for another while. */
export async function usedAgain(db: Db | Tx, digest: string): Promise<boolean> {
  const rows = await db.execute(
    sql`update payloads set used_at = now() where digest = ${digest} returning digest`,
  )
  return rows.length > 0
}

/** Held by the transaction; those another is at are left out. */
export async function lockIdle(tx: Tx, forSeconds: number, limit: number): Promise<string[]> {
  const rows = await tx.execute<{ digest: string }>(sql`
    select digest
    from payloads
    where used_at < now() - make_interval(secs => ${forSeconds})
    order by used_at
    limit ${limit}
    for update skip locked
  `)
  return rows.map(row => row.digest)
}

export async function inUseAmong(tx: Tx, references: string[]): Promise<Set<string>> {
  const rows = await tx.execute<{ reference: string }>(sql`
    select reference
    from unnest(${sql.param(references)}::text[]) as asked (reference)
    where exists (select from live_executions where arguments = reference and arguments like '@%')
      or exists (select from finished_executions where arguments = reference and arguments like '@%')
      or exists (select from finished_executions where result = reference and result like '@%')
  `)
  return new Set(rows.map(row => row.reference))
}

export async function forgotten(tx: Tx, digests: string[]): Promise<void> {
  await tx.execute(sql`delete from payloads where digest = any(${sql.param(digests)}::text[])`)
}
