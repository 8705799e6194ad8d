// SQL for those who count what has finished, in the order it finished. The time of finishing is that of the transaction's beginning:
// what a transaction still under way has finished is not to be seen yet, so counting stops before the oldest of those.
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/client.ts'

/** Up to where everything that finished is to be seen by now. `marginMs`: that long a transaction may take to be seen as one that writes. */
export async function settledUntil(tx: Tx, marginMs: number): Promise<Date> {
  const [row] = await tx.execute<{ until: string }>(sql`
    select extract(epoch from date_trunc('milliseconds', least(now(), (
      select min(xact_start) from pg_stat_activity
      where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()
    )) - ${marginMs} * interval '1 millisecond'))::text as until
  `)
  return new Date(Number(row?.until ?? 0) * 1_000)
}
