// SQL of the installs in the artifact store. The artifacts a row names are all there before the row is.
import { eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { keptInstalls } from '../../db/schema.ts'

export interface Kept {
  parts: string[]
  bytes: number
}

/** Notes that it was of use. */
export async function findKept(db: Db, key: string): Promise<Kept | null> {
  const [row] = await db
    .update(keptInstalls)
    .set({ usedAt: sql`now()` })
    .where(eq(keptInstalls.key, key))
    .returning({ parts: keptInstalls.parts, bytes: keptInstalls.bytes })
  return row ?? null
}

/** Resolves to whether there was none yet. */
export async function insertKept(db: Db, key: string, kept: Kept): Promise<boolean> {
  const rows = await db
    .insert(keptInstalls)
    .values({ key, ...kept })
    .onConflictDoNothing()
    .returning({ key: keptInstalls.key })
  return rows.length > 0
}

export function listKept(db: Db): Promise<{ key: string; bytes: number; usedAt: Date }[]> {
  const { key, bytes, usedAt } = keptInstalls
  return db.select({ key, bytes, usedAt }).from(keptInstalls)
}

/** Resolves to those of its parts that no other install has. */
export async function deleteKept(tx: Tx, key: string): Promise<string[]> {
  const [row] = await tx
    .delete(keptInstalls)
    .where(eq(keptInstalls.key, key))
    .returning({ parts: keptInstalls.parts })
  if (!row) return []
  const rows = await tx.execute<{ part: string }>(sql`
    select distinct part
      from ${keptInstalls}, jsonb_array_elements_text(parts) part
     where part in (select jsonb_array_elements_text(${JSON.stringify(row.parts)}::text::jsonb))`)
  const shared = new Set(rows.map(({ part }) => part))
  return [...new Set(row.parts)].filter(part => !shared.has(part))
}
