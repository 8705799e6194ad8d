// Tells workers at once what they would find by polling within a second: that something came due, that something is to be
// aborted. Never inside the transaction that stores it: NOTIFY lines up the commits of everybody (RELIABILITY.md, finding 8).
import { sql } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { statement } from '../db/statement.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'

export const channels = { due: 'sluice_executions_due', abort: 'sluice_executions_abort' }

// It waits for no disk: what a crash may forget of it, nobody needs.
const notify = statement<{ channel: string }, unknown>(sql`
  select set_config('synchronous_commit', 'off', true), pg_notify(${sql.placeholder('channel')}, '')
`)

/** Tells workers that something of that function came due, or of any. */
export type Wake = (functionId?: string) => void

/**
 * At most one notification on its way; whatever is stored meanwhile shares the next. A lost one costs a poll's interval.
 * `ring`: a worker in this process need not wait for it.
 */
export function createWake(db: Db, log: Log, ring: Wake = () => {}): Wake {
  let sending = false
  let again = false
  async function send(): Promise<void> {
    sending = true
    do {
      again = false
      await notify(db, { channel: channels.due }).catch(error =>
        log.debug({ error }, `workers were not woken, they will poll: ${messageOf(error)}`),
      )
    } while (again)
    sending = false
  }
  return functionId => {
    ring(functionId)
    again = true
    if (!sending) void send()
  }
}

export async function announceAbort(db: Db): Promise<void> {
  // The abort itself is stored: a worker that does not hear this asks within a second.
  await notify(db, { channel: channels.abort }).catch(() => {})
}
