// SQL of an environment's mode: normal, preparing for a stop, safe to stop, and normal again. Each transition is named and guards
// the mode it comes from; all of it under the environment's lock.
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { environments } from '../db/schema.ts'
import type { Environment } from './store.ts'

type Mode = Environment['mode']

export function preparingForStop(tx: Tx, id: string, graceSeconds: number): Promise<boolean> {
  const since = { drainingSince: sql`clock_timestamp()`, drainGraceSeconds: graceSeconds }
  return move(tx, id, ['normal'], { mode: 'preparing_for_stop', ...since })
}

/** Another time for what is under way, from the beginning of the drain. */
export function graceChanged(tx: Tx, id: string, graceSeconds: number): Promise<boolean> {
  return move(tx, id, ['preparing_for_stop'], { drainGraceSeconds: graceSeconds })
}

export function safeToStop(tx: Tx, id: string): Promise<boolean> {
  return move(tx, id, ['preparing_for_stop'], { mode: 'safe_to_stop' })
}

export function normalAgain(tx: Tx, id: string): Promise<boolean> {
  const none = { drainingSince: null, drainGraceSeconds: null }
  return move(tx, id, ['preparing_for_stop', 'safe_to_stop'], { mode: 'normal', ...none })
}

interface Change {
  mode?: Mode
  drainingSince?: SQL | null
  drainGraceSeconds?: number | null
}

async function move(tx: Tx, id: string, from: Mode[], change: Change): Promise<boolean> {
  const rows = await tx
    .update(environments)
    .set(change)
    .where(and(eq(environments.id, id), inArray(environments.mode, from)))
    .returning({ id: environments.id })
  return rows.length > 0
}

/** Those that are drained and have nothing under way as far as can be seen without a lock. */
export async function listDrained(db: Db): Promise<{ id: string }[]> {
  return db.execute<{ id: string }>(sql`
    select e.id
    from environments e
    where e.mode = 'preparing_for_stop'
      and not exists (
        select from functions f
        join live_executions running on running.function_id = f.id and running.state in ('running', 'aborting')
        where f.environment_id = e.id
      )
    order by e.draining_since
  `)
}

/** Attempts of the environment that some worker holds, or held when it vanished. */
export async function countUnderWay(tx: Tx, id: string): Promise<number> {
  const [row] = await tx.execute<{ amount: number }>(sql`
    select count(*)::int as amount
    from functions f
    join live_executions running on running.function_id = f.id and running.state in ('running', 'aborting')
    where f.environment_id = ${id}
  `)
  return row?.amount ?? 0
}
