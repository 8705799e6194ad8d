// SQL of turns: who writes to one place outside from many processes, and not too often.
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { writeTurns } from '../db/schema.ts'

/**
 * The next free turn, `gapMs` after the one before, whoever took that: resolves to how long to wait for it. Null: that would be
 * longer than `maxWaitMs`, and none was taken.
 */
export async function takeTurn(
  db: Db,
  installation: string,
  { gapMs, maxWaitMs }: { gapMs: number; maxWaitMs: number },
): Promise<number | null> {
  const [row] = await db.execute<{ wait_ms: number }>(sql`
    insert into write_turns as turns (installation, next_at)
    values (${installation}, clock_timestamp() + ${gapMs} * interval '1 millisecond')
    on conflict (installation) do update
      set next_at = greatest(turns.next_at, clock_timestamp()) + ${gapMs} * interval '1 millisecond'
      where turns.next_at <= clock_timestamp() + ${maxWaitMs} * interval '1 millisecond'
    returning (extract(epoch from next_at - clock_timestamp()) * 1000 - ${gapMs})::float8 as wait_ms`)
  return row ? Math.max(0, row.wait_ms) : null
}

/** GitHub asked for a pause: nobody's turn comes before it is over. */
export async function postponeTurns(db: Db, installation: string, seconds: number): Promise<void> {
  const nextAt = sql`now() + ${seconds} * interval '1 second'`
  await db
    .insert(writeTurns)
    .values({ installation, nextAt })
    .onConflictDoUpdate({
      target: writeTurns.installation,
      set: { nextAt: sql`greatest(${writeTurns.nextAt}, ${nextAt})` },
    })
}
