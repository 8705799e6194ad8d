// Tells workers that what may start in an environment is being switched, or was: they hand back what they have claimed and not
// begun, and look anew. Never inside the transaction of the switch (RELIABILITY.md, finding 8). Nothing rests on its arrival:
// a worker that does not hear it begins nothing that is too old (start-window.ts), and polls.
import { sql } from 'drizzle-orm'
import type { Pool } from '../db/client.ts'

export const switchChannel = 'sluice_switches'

export async function announceSwitch(pool: Pool, environmentId: string): Promise<void> {
  await pool.execute(sql`select pg_notify(${switchChannel}, ${environmentId})`).catch(() => {})
}
