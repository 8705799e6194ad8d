// SQL of claiming. Claims are per function, through the index (function, due time, sequence): a million held executions of
// one function are one index entry to the others (RELIABILITY.md, finding 10).
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { statement } from '../db/statement.ts'
import type { FunctionOptions } from '../functions/manifest.ts'
import { claimable } from './claimable.ts'
import { finish } from './finish-store.ts'

export type DueFunction = {
  id: string
  concurrency: number | null
}

/**
 * Functions that could start something now: one of each environment first, then a second of each, which of them by chance. With
 * one free slot at a time each environment gets its share, and in it each function, however many others wait. `waiting` hops from function to function over the index instead of reading the queue, and
 * `due` is a lateral limit, not an `exists`: the planner turned that into a hash of every due execution there is.
 */
export const dueFunctions = statement<{ limit: number }, DueFunction>(sql`
  with recursive waiting as (
    (select function_id from live_executions where state = 'queued' order by function_id limit 1)
    union all
    select (
      select later.function_id
      from live_executions later
      where later.state = 'queued' and later.function_id > waiting.function_id
      order by later.function_id
      limit 1
    )
    from waiting
    where waiting.function_id is not null
  )
  select f.id, (v.options ->> 'concurrency')::int as concurrency
  from waiting
  join functions f on f.id = waiting.function_id
  join environments e on e.id = f.environment_id
  join versions v on v.id = f.active_version_id
  cross join lateral (
    select from live_executions
    where function_id = f.id and state = 'queued' and due_at <= now()
    order by due_at, sequence
    limit 1
  ) due
  where ${claimable}
    and (
      v.options ->> 'concurrency' is null
      or (v.options ->> 'concurrency')::int > (
        select count(*) from live_executions running
        where running.function_id = f.id and running.state in ('running', 'aborting')
      )
    )
  order by row_number() over (partition by e.id order by random()), random()
  limit ${sql.placeholder('limit')}
`)

/** Functions at their limit whose further due executions are to be cancelled. */
export async function overflowingFunctions(db: Db): Promise<{ id: string }[]> {
  return db.execute<{ id: string }>(sql`
    select f.id
    from functions f
    join environments e on e.id = f.environment_id
    join versions v on v.id = f.active_version_id
    cross join lateral (
      select from live_executions
      where function_id = f.id and state = 'queued' and due_at <= now() and attempt = 0
      order by due_at, sequence
      limit 1
    ) due
    where ${claimable}
      and v.options ->> 'maxConcurrencyAction' = 'cancel'
      and v.options ->> 'concurrency' is not null
      and (v.options ->> 'concurrency')::int <= (
        select count(*) from live_executions running
        where running.function_id = f.id and running.state in ('running', 'aborting')
      )
  `)
}

export type Limit = {
  concurrency: number
  action: 'keep' | 'cancel'
}

/** Holds a limited function for one claimer. None: another has it, or it may no longer start anything. */
export const lockLimited = statement<{ functionId: string }, Limit>(sql`
  select (v.options ->> 'concurrency')::int as concurrency, v.options ->> 'maxConcurrencyAction' as action
  from functions f
  join environments e on e.id = f.environment_id
  join versions v on v.id = f.active_version_id
  where f.id = ${sql.placeholder('functionId')} and v.options ->> 'concurrency' is not null and ${claimable}
  for no key update of f skip locked
`)

/** After lockLimited and apart from it: its own statement's snapshot would miss what the holder before us just started. */
export const countRunning = statement<{ functionId: string }, { running: number }>(sql`
  select count(*)::int as running
  from live_executions
  where function_id = ${sql.placeholder('functionId')} and state in ('running', 'aborting')
`)

export type Claimed = {
  id: string
  attempt: number
  retries: number
  crashes: number
  token: string
  environmentId: string
  functionId: string
  functionName: string
  versionId: string
  bundleDigest: string
  sourceMapDigest: string
  options: FunctionOptions
  arguments: string
}

export type Claim = {
  functionIds: string[]
  /** At most this many of each function, and of all together. */
  each: number
  all: number
  workerId: string
  leaseSeconds: number
  /** The caller holds the function, and has seen to its limit. False: only functions without one. */
  limited: boolean
}

/**
 * The oldest due executions become running attempts of the version that is active. The share lock on the function makes a
 * release wait for this statement, so nothing of an old version starts after the switch has committed; what others hold is
 * skipped, so a claim never waits and never deadlocks with a release, which locks in another order. The environment's row is
 * not locked: others hold it for long. Whoever changes what is claimable counts it on the functions (halt-starts.ts): of
 * those that it finds locked and then changed, PostgreSQL reads `f` again, but not `seen`, nor what else was judged by.
 * The update is told the ids and of the state nothing: a plan made over an empty queue would look for the rows among all that
 * are queued.
 */
export const claimed = statement<Claim, Claimed>(sql`
  with open as materialized (
    select f.id, f.active_version_id
    from functions f
    join functions seen on seen.id = f.id and seen.switches = f.switches
    join environments e on e.id = f.environment_id
    join versions v on v.id = f.active_version_id
    where f.id = any(${sql.placeholder('functionIds')}::uuid[]) and ${claimable}
      and (${sql.placeholder('limited')}::boolean or v.options ->> 'concurrency' is null)
    for share of f skip locked
  ),
  due as materialized (
    select next.id
    from open
    cross join lateral (
      select id
      from live_executions
      where function_id = open.id
        and state = 'queued'
        and due_at <= now()
        and (attempt > 0 or discard_after is null or discard_after > now())
      order by due_at, sequence
      limit ${sql.placeholder('each')}
      for update skip locked
    ) next
    limit ${sql.placeholder('all')}
  ),
  claimed as (
    update live_executions
    set state = 'running',
      attempt = attempt + 1,
      token = gen_random_uuid(),
      worker_id = ${sql.placeholder('workerId')},
      version_id = (select active_version_id from open where open.id = live_executions.function_id),
      lease_until = now() + make_interval(secs => ${sql.placeholder('leaseSeconds')}),
      attempt_reason = case attempts -> -1 ->> 'state'
        when 'failed' then 'retry' when 'lost' then 'lease_expired' when 'interrupted' then 'interrupted' else 'first'
      end,
      attempt_started_at = now(),
      started_at = coalesce(started_at, now()),
      updated_at = now()
    where id = any(array(select id from due))
    returning *
  )
  select
    claimed.id, claimed.attempt, claimed.retries, claimed.crashes, claimed.token, claimed.arguments,
    claimed.environment_id as "environmentId", claimed.function_id as "functionId", f.name as "functionName",
    v.id as "versionId", v.bundle_digest as "bundleDigest", v.source_map_digest as "sourceMapDigest", v.options
  from claimed
  join functions f on f.id = claimed.function_id
  join versions v on v.id = claimed.version_id
  order by claimed.due_at, claimed.sequence
`)

/**
 * Claims it anew, for one whose process took longer to start than a claim counts: whether it is still claimable, and its
 * version the active one. Behind a switch it waits, and then finds that there was one.
 */
export async function confirmed(db: Db, claim: Claimed, leaseSeconds: number): Promise<boolean> {
  const { id, attempt, token, functionId } = claim
  const rows = await confirm(db, { id, attempt, token, functionId, leaseSeconds })
  return rows.length > 0
}

type Confirm = Pick<Claimed, 'id' | 'attempt' | 'token' | 'functionId'> & { leaseSeconds: number }

const confirm = statement<Confirm, unknown>(sql`
  with open as materialized (
    select f.id, f.active_version_id
    from functions f
    join functions seen on seen.id = f.id and seen.switches = f.switches
    join environments e on e.id = f.environment_id
    where f.id = ${sql.placeholder('functionId')} and ${claimable}
    for share of f
  )
  update live_executions
  set attempt_started_at = clock_timestamp(), updated_at = now(),
    lease_until = clock_timestamp() + make_interval(secs => ${sql.placeholder('leaseSeconds')})
  from open
  where live_executions.id = ${sql.placeholder('id')}
    and attempt = ${sql.placeholder('attempt')} and token = ${sql.placeholder('token')} and state <> 'aborting'
    and version_id = open.active_version_id
  returning live_executions.id
`)

/** Only what has not started yet: one that waits for another try, or was given back, is not coming due for the first time. */
export async function cancelledDue(tx: Tx, functionId: string, error: string): Promise<number> {
  const due = sql`function_id = ${functionId} and state = 'queued' and due_at <= now() and attempt = 0`
  const rows = await finish(tx, due, { state: 'cancelled', error })
  return rows.length
}
