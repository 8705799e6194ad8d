// SQL of accepting many calls at once: one statement, one commit, all or nothing.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { acceptedCalls } from './accept-store.ts'

export interface NewCall {
  functionName: string
  /** A JSON array. */
  arguments: string
  metadata: Record<string, string>
  scheduleFor: Date | null
  discardAfter: Date | null
  priority: number
}

/**
 * Their ids, in the order of the calls; none when one of the functions is not there. Locks as insertExecution does, and
 * discards at once what could only start after it has to be discarded. The sequence follows the order of the calls: of those
 * that come due at the same time and have the same priority the first starts first.
 */
export async function insertCalls(db: Db | Tx, environmentId: string, calls: NewCall[]): Promise<string[]> {
  const all = (of: (call: NewCall) => string | null) => sql.param(calls.map(of))
  const rows = await db.execute<{ id: string }>(sql`
    with asked as (
      select one.name, one.arguments, one.metadata, one.number, one.priority,
        one.discard_after::timestamptz as discard_after,
        coalesce(one.schedule_for::timestamptz, now()) as schedule_for
      from unnest(
        ${all(one => one.functionName)}::text[], ${all(one => one.arguments)}::text[],
        ${all(one => JSON.stringify(one.metadata))}::text[],
        ${all(one => one.scheduleFor?.toISOString() ?? null)}::text[],
        ${all(one => one.discardAfter?.toISOString() ?? null)}::text[],
        ${sql.param(calls.map(one => one.priority))}::int[]
      ) with ordinality as one (name, arguments, metadata, schedule_for, discard_after, priority, number)
    ),
    target as materialized (
      select id as function_id, environment_id, name
      from functions
      where environment_id = ${environmentId}
        and name in (select name from asked)
        and state <> 'deleted'
      order by id
      for key share
    ),
    call as (
      select function_id, environment_id, arguments, metadata::jsonb as metadata, schedule_for, discard_after, priority,
        'api' as executed_by, null::uuid as rerun_of
      from asked
      join target using (name)
      where not exists (select from asked unknown where unknown.name not in (select name from target))
      order by number
    ),
    ${acceptedCalls(calls.some(one => one.discardAfter !== null))}
    select id from accepted order by sequence
  `)
  return rows.map(row => row.id)
}

/** Of `names`, those that the environment has no function of. */
export async function unknownNames(db: Db | Tx, environmentId: string, names: string[]): Promise<string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select distinct name
    from unnest(${sql.param(names)}::text[]) as asked (name)
    where not exists (
      select from functions f
      where f.environment_id = ${environmentId} and f.name = asked.name and f.state <> 'deleted'
    )
    order by name
  `)
  return rows.map(row => row.name)
}
