// SQL of what may still begin of functions: claimed a moment ago, under what was true before a switch. Reads the queue's
// rows, never writes them.
import { inArray, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { functions } from '../db/schema.ts'
import { mayBeginForMs } from './start-window.ts'

/**
 * Waits for claims under way and holds up further ones until the transaction ends. One that looked before the commit and
 * locks after it finds another number than it saw, and leaves the function alone (executions/claim-store.ts).
 */
export async function holdClaims(tx: Tx, functionIds: string[]): Promise<void> {
  await tx
    .update(functions)
    .set({ switches: sql`${functions.switches} + 1` })
    .where(inArray(functions.id, functionIds))
}

/** Not by now(), which stands still in a transaction. */
export async function someMayBegin(tx: Tx, functionIds: string[]): Promise<boolean> {
  const [row] = await tx.execute(sql`
    select
    where exists (
      select from live_executions
      where function_id = any(${sql.param(functionIds)}::uuid[])
        and state in ('running', 'aborting')
        and attempt_started_at > clock_timestamp() - make_interval(secs => ${mayBeginForMs / 1_000})
    )
  `)
  return row !== undefined
}

/** Whether anything of the environment runs, or has run within a minute: two looks into indexes. */
export async function hasRunLately(db: Db, environmentId: string): Promise<boolean> {
  const [row] = await db.execute(sql`
    select
    where exists (
      select from functions f
      join live_executions running on running.function_id = f.id and running.state in ('running', 'aborting')
      where f.environment_id = ${environmentId}
    )
    or (
      select finished_at from finished_executions
      where environment_id = ${environmentId}
      order by sequence desc
      limit 1
    ) > now() - interval '1 minute'
  `)
  return row !== undefined
}
