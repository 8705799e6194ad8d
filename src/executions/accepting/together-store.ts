// SQL by which calls of many callers are accepted in one statement, each for itself: what one of them lacks (its function, a key
// that is new) keeps that one out, and no other.
import { sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { statement } from '../../db/statement.ts'
import { liveColumns, liveValues } from '../accept-store.ts'
import { type Execution, toExecution } from '../store.ts'

export interface CallTogether {
  id: string
  environmentId: string
  functionName: string
  /** A JSON array. */
  arguments: string
  metadata: Record<string, string>
  scheduleFor: Date | null
  priority: number
  executedBy: 'api' | 'command'
  /** Of a request that is accepted once (once.ts). */
  once: { key: string; fingerprint: string } | null
}

const columns = [
  ...['ids', 'environmentIds', 'names', 'arguments', 'metadata', 'schedules', 'priorities'],
  ...['executedBy', 'keys', 'fingerprints'],
] as const
type Columns = Record<(typeof columns)[number], (string | number | null)[]>
const all = (name: string) => sql.placeholder(name)

/**
 * A function that somebody has locked (a deletion) is left out like one that is not there: whoever calls it waits by itself. A
 * key that is there is left out too, after its transaction has ended; sorted, so that two groups do not wait for each other.
 */
const insert = statement<Columns, Record<string, string>>(sql`
  with asked as (
    select one.id, one.environment_id, one.name, one.arguments, one.metadata, one.priority, one.executed_by, one.key,
      one.fingerprint, one.number, coalesce(one.schedule_for::timestamptz, now()) as schedule_for
    from unnest(
      ${all('ids')}::uuid[], ${all('environmentIds')}::uuid[], ${all('names')}::text[], ${all('arguments')}::text[],
      ${all('metadata')}::text[], ${all('schedules')}::text[], ${all('priorities')}::int[],
      ${all('executedBy')}::text[], ${all('keys')}::text[], ${all('fingerprints')}::text[]
    ) with ordinality as one (
      id, environment_id, name, arguments, metadata, schedule_for, priority, executed_by, key, fingerprint, number
    )
  ),
  target as materialized (
    select f.id as function_id, f.environment_id, f.name
    from functions f
    where (f.environment_id, f.name) in (select environment_id, name from asked) and f.state <> 'deleted'
    order by f.id
    for key share skip locked
  ),
  found as (
    select id, function_id, environment_id, arguments, metadata::jsonb as metadata, schedule_for, priority,
      null::timestamptz as discard_after, executed_by, null::uuid as rerun_of, key, fingerprint, number
    from asked
    join target using (environment_id, name)
  ),
  kept as (
    insert into idempotency_keys (environment_id, key, fingerprint, execution_ids)
    select environment_id, key, fingerprint, array[id] from found where key is not null order by environment_id, key
    on conflict do nothing
    returning execution_ids[1] as id
  )
  insert into live_executions (id, ${liveColumns})
  select id, ${liveValues} from found where key is null or id in (select id from kept) order by number
  returning id, sequence, function_id, state, schedule_for, created_at, updated_at
`)

/** Those that are accepted now, by id. */
export async function insertTogether(
  db: Db,
  calls: readonly CallTogether[],
): Promise<Map<string, Execution>> {
  const rows = await insert(db, {
    ids: calls.map(one => one.id),
    environmentIds: calls.map(one => one.environmentId),
    names: calls.map(one => one.functionName),
    arguments: calls.map(one => one.arguments),
    metadata: calls.map(one => JSON.stringify(one.metadata)),
    schedules: calls.map(one => one.scheduleFor?.toISOString() ?? null),
    priorities: calls.map(one => one.priority),
    executedBy: calls.map(one => one.executedBy),
    keys: calls.map(one => one.once?.key ?? null),
    fingerprints: calls.map(one => one.once?.fingerprint ?? null),
  })
  const names = new Map(calls.map(one => [one.id, one.functionName]))
  return new Map(
    rows.map(row => {
      const execution = toExecution({ ...row, function_name: names.get(row.id ?? '') })
      return [execution.id, execution]
    }),
  )
}
