// SQL of drains as workers see them.
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'

export type Drain = { environmentId: string; graceSeconds: number; elapsedMs: number }

/** Of these environments, those that are drained, and for how long by now. */
export async function drainsAmong(db: Db, environmentIds: string[]): Promise<Drain[]> {
  if (environmentIds.length === 0) return []
  return db.execute<Drain>(sql`
    select id as "environmentId", drain_grace_seconds as "graceSeconds",
      (extract(epoch from clock_timestamp() - draining_since) * 1000)::float8 as "elapsedMs"
    from environments
    where id = any(${sql.param(environmentIds)}::uuid[]) and mode = 'preparing_for_stop'
  `)
}
