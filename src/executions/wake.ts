// Tells workers at once what they would find by polling within a second: that something came due, that something is to be
// aborted. Never inside the transaction that stores it: NOTIFY lines up the commits of everybody (RELIABILITY.md, finding 8).
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'

export const channels = { due: 'sluice_executions_due', abort: 'sluice_executions_abort' }

/** At most one notification on its way; whatever is stored meanwhile shares the next. A lost one costs a poll's interval. */
export function createWake(db: Db, log: Log): () => void {
  let sending = false
  let again = false
  async function send(): Promise<void> {
    sending = true
    do {
      again = false
      await db
        .execute(sql`select pg_notify(${channels.due}, '')`)
        .catch(error => log.debug({ error }, `workers were not woken, they will poll: ${messageOf(error)}`))
    } while (again)
    sending = false
  }
  return () => {
    again = true
    if (!sending) void send()
  }
}

export async function announceAbort(db: Db): Promise<void> {
  // The abort itself is stored: a worker that does not hear this asks within a second.
  await db.execute(sql`select pg_notify(${channels.abort}, '')`).catch(() => {})
}
