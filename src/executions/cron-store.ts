// SQL of the schedule. A function's row in `crons` is its watermark: fire times up to `since` are decided, later ones are not.
// A tick is stored only under that row's lock and in the transaction that moves the watermark past it, so that each is stored
// once, however many schedulers there are and however long ago its execution was finished and moved away.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'

/** Over f, e and v. A paused function is scheduled too: its ticks are stored and held. */
const scheduled = sql`
  f.state = 'active' and f.archived_at is null
  and e.closed_at is null and e.crons
  and jsonb_typeof(v.options -> 'cron') in ('string', 'object')
`

export type Listed = {
  functionId: string
  environmentId: string
  repositoryId: string
  /** JSON of a StoredCron. */
  cron: string
  /** Null: never seen before; else what `since` was counted for. */
  expression: string | null
  timezone: string | null
  since: string | null
  resting: boolean | null
  /** Of the release that is live: what is first seen cannot have been in force before it. */
  releasedAt: string
}

export async function listScheduled(db: Db): Promise<Listed[]> {
  return db.execute<Listed>(sql`
    select
      f.id as "functionId",
      f.environment_id as "environmentId",
      e.repository_id::text as "repositoryId",
      (v.options -> 'cron')::text as cron,
      c.expression,
      c.timezone,
      c.since,
      c.resting,
      coalesce(
        (select max(r.created_at) from releases r where r.environment_id = e.id),
        f.created_at
      ) as "releasedAt"
    from functions f
    join environments e on e.id = f.environment_id
    join versions v on v.id = f.active_version_id
    left join crons c on c.function_id = f.id
    where ${scheduled}
    order by f.id
  `)
}

/** What is scheduled no longer starts anew when it returns: no tick of the time between is caught up, and none repeated. */
export async function rest(db: Db): Promise<void> {
  await db.execute(sql`
    update crons set resting = true
    where not resting and not exists (
      select from functions f
      join environments e on e.id = f.environment_id
      join versions v on v.id = f.active_version_id
      where f.id = crons.function_id and ${scheduled}
    )
  `)
}

export interface Watch {
  functionId: string
  expression: string
  timezone: string
  since: Date
}

/** Begins to count; never further back than had been counted before. */
export async function watch(db: Db, all: Watch[]): Promise<Map<string, Date>> {
  const rows = await db.execute<{ id: string; since: string }>(sql`
    insert into crons (function_id, expression, timezone, since)
    select function_id, expression, timezone, since::timestamptz
    from unnest(
      ${sql.param(all.map(one => one.functionId))}::uuid[],
      ${sql.param(all.map(one => one.expression))}::text[],
      ${sql.param(all.map(one => one.timezone))}::text[],
      ${sql.param(all.map(one => one.since.toISOString()))}::text[]
    ) as fresh (function_id, expression, timezone, since)
    on conflict (function_id) do update set
      expression = excluded.expression,
      timezone = excluded.timezone,
      resting = false,
      since = greatest(crons.since, excluded.since)
    returning function_id as id, since
  `)
  return new Map(rows.map(row => [row.id, new Date(row.since)]))
}

export type Locked = {
  functionId: string
  expression: string
  timezone: string
  since: string
  /** The newest one that was stored. */
  executionId: string | null
}

/** Those of them that are still scheduled and that no other scheduler is at, which is then not worth waiting for. */
export async function lockWatched(tx: Tx, functionIds: string[]): Promise<Locked[]> {
  return tx.execute<Locked>(sql`
    select
      c.function_id as "functionId", c.expression, c.timezone, c.since, c.execution_id as "executionId"
    from crons c
    join functions f on f.id = c.function_id
    join environments e on e.id = f.environment_id
    join versions v on v.id = f.active_version_id
    where c.function_id = any(${sql.param(functionIds)}::uuid[]) and not c.resting and ${scheduled}
    order by c.function_id
    for update of c skip locked
    for key share of f skip locked
  `)
}

/** After lockWatched and apart from it: its own statement's snapshot would miss what the holder before us just stored. */
export async function unfinished(tx: Tx, executionIds: string[]): Promise<Set<string>> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from live_executions where id = any(${sql.param(executionIds)}::uuid[])
  `)
  return new Set(rows.map(row => row.id))
}

export interface Tick {
  environmentId: string
  functionId: string
  at: Date
}

/** The newest execution of each function. */
export async function insertTicks(tx: Tx, ticks: Tick[]): Promise<Map<string, string>> {
  const rows = await tx.execute<{ id: string; functionId: string }>(sql`
    with tick as (
      select environment_id, function_id, at::timestamptz as at
      from unnest(
        ${sql.param(ticks.map(tick => tick.environmentId))}::uuid[],
        ${sql.param(ticks.map(tick => tick.functionId))}::uuid[],
        ${sql.param(ticks.map(tick => tick.at.toISOString()))}::text[]
      ) as one (environment_id, function_id, at)
    ),
    stored as (
      insert into live_executions (environment_id, function_id, arguments, schedule_for, due_at, executed_by)
      select environment_id, function_id, '[]', at, at, 'cron' from tick order by at
      returning id, function_id, sequence
    )
    select id, function_id as "functionId" from stored order by sequence
  `)
  return new Map(rows.map(row => [row.functionId, row.id]))
}

export interface Decided {
  functionId: string
  until: Date
  executionId: string | null
}

export async function advance(tx: Tx, all: Decided[]): Promise<void> {
  await tx.execute(sql`
    update crons
    set since = decided.until::timestamptz, execution_id = coalesce(decided.execution_id, crons.execution_id)
    from unnest(
      ${sql.param(all.map(one => one.functionId))}::uuid[],
      ${sql.param(all.map(one => one.until.toISOString()))}::text[],
      ${sql.param(all.map(one => one.executionId))}::uuid[]
    ) as decided (function_id, until, execution_id)
    where crons.function_id = decided.function_id
  `)
}
