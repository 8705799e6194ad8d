// SQL of the schedule: which functions have a cron, since when it counts, and the ticks created. One execution a tick over
// all machines: the row (function, tick) is unique.
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/client.ts'
import { crons } from '../db/schema.ts'

const ticksLock = 8_213_470_002 // any number, ours: "cron ticks"

/** Whether this transaction is the one that creates ticks now; another's being at it is no reason to wait. */
export async function lockTicks(tx: Tx): Promise<boolean> {
  const [row] = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(${ticksLock}) as locked`,
  )
  return row?.locked ?? false
}

export type Scheduled = {
  functionId: string
  environmentId: string
  expression: string
  /** Null: not seen before with this expression. */
  since: string | null
  /** Of the release that is live: an expression first seen cannot have been in force before it. */
  releasedAt: string
}

/** A paused function is scheduled too: its ticks are stored and held. */
export async function listScheduled(tx: Tx): Promise<Scheduled[]> {
  return tx.execute<Scheduled>(sql`
    select
      f.id as "functionId",
      f.environment_id as "environmentId",
      v.options ->> 'cron' as expression,
      c.since,
      coalesce(
        (select max(r.created_at) from releases r where r.environment_id = e.id),
        f.created_at
      ) as "releasedAt"
    from functions f
    join environments e on e.id = f.environment_id
    join versions v on v.id = f.active_version_id
    left join crons c on c.function_id = f.id and c.expression = v.options ->> 'cron'
    where f.state = 'active' and f.archived_at is null
      and e.closed_at is null and e.crons
      and v.options ->> 'cron' is not null
  `)
}

export async function insertTick(tx: Tx, scheduled: Scheduled, tick: Date): Promise<boolean> {
  const at = tick.toISOString()
  const rows = await tx.execute(sql`
    insert into executions (environment_id, function_id, arguments, schedule_for, due_at, cron_tick, executed_by)
    values (${scheduled.environmentId}, ${scheduled.functionId}, '[]', ${at}, ${at}, ${at}, 'cron')
    on conflict (function_id, cron_tick) where cron_tick is not null do nothing
    returning id
  `)
  return rows.length > 0
}

export async function countFrom(tx: Tx, functionId: string, expression: string, since: Date): Promise<void> {
  await tx
    .insert(crons)
    .values({ functionId, expression, since })
    .onConflictDoUpdate({ target: crons.functionId, set: { expression, since } })
}

/** What is scheduled no longer starts anew when it returns: no tick of the time between is caught up. */
export async function forgetAllBut(tx: Tx, functionIds: string[]): Promise<void> {
  await tx.execute(sql`delete from crons where not (function_id = any(${sql.param(functionIds)}::uuid[]))`)
}
