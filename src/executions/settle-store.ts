// SQL of everything that ends or renews an attempt. Every statement is fenced by execution, attempt and token and by the
// state it comes from: no row back means that somebody else settled it first. Each ends the attempt's row along.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import type { ErrorCode } from './outcome.ts'

export type Holder = {
  id: string
  attempt: number
  token: string
}

const isHeldBy = ({ id, attempt, token }: Holder) =>
  sql`id = ${id} and attempt = ${attempt} and token = ${token}`

/** What the end of an attempt makes of its execution's row and of its own. */
export interface Ending {
  state: 'succeeded' | 'failed' | 'queued'
  attemptState: 'succeeded' | 'failed' | 'interrupted'
  result: string | null
  /** Of the execution: JSON of a FailureRecord, when it has failed. */
  error: string | null
  /** Of the attempt, which keeps what went wrong also when the execution is tried again. */
  attemptError: string | null
  code: ErrorCode | null
  /** 1: a retry of the policy is spent. */
  retries: 0 | 1
  /** Null: it keeps its place in the queue. */
  delaySeconds: number | null
}

export type HeldEnding = Holder & Ending

/**
 * Ends many at once, each only where it is still its holder's; the tokens of those it ended. `held` takes the locks in the
 * order of the ids, as heartbeats do: two of one worker over the same rows must not wait for each other.
 */
export async function ended(db: Db | Tx, endings: HeldEnding[]): Promise<Set<string>> {
  const all = <K extends keyof HeldEnding>(column: K) => sql.param(endings.map(one => one[column]))
  const rows = await db.execute<{ token: string }>(sql`
    with ending as (
      select *
      from unnest(
        ${all('id')}::uuid[], ${all('attempt')}::int[], ${all('token')}::uuid[], ${all('state')}::text[],
        ${all('attemptState')}::text[], ${all('result')}::text[], ${all('error')}::text[],
        ${all('attemptError')}::text[], ${all('code')}::text[], ${all('retries')}::int[],
        ${all('delaySeconds')}::float8[]
      ) as one (
        id, attempt, token, state, attempt_state, result, error, attempt_error, code, retries, delay
      )
    ),
    held as materialized (
      select executions.id, ending.attempt, ending.token, ending.state, ending.attempt_state, ending.result,
        ending.error, ending.attempt_error, ending.code, ending.retries, ending.delay
      from executions
      join ending using (id)
      where executions.attempt = ending.attempt and executions.token = ending.token and executions.state = 'running'
      order by executions.id
      for update of executions
    ),
    settled as (
      update executions
      set state = held.state, result = held.result, error = held.error, error_code = case when held.state = 'failed' then held.code end,
        retries = executions.retries + held.retries,
        due_at = case when held.delay is null then due_at else now() + make_interval(secs => held.delay) end,
        finished_at = case when held.state <> 'queued' then now() end,
        token = null, lease_until = null, updated_at = now()
      from held
      where executions.id = held.id and executions.state = 'running'
      returning held.*
    )
    update attempts
    set state = settled.attempt_state, error = settled.attempt_error, error_code = settled.code, finished_at = now()
    from settled
    where attempts.execution_id = settled.id and attempts.number = settled.attempt
    returning settled.token
  `)
  return new Set(rows.map(row => row.token))
}

export interface StoredFailure {
  /** JSON of a FailureRecord. */
  error: string
  code: ErrorCode
}

/**
 * Undoes claims whose attempts never began: the executions are queued as if nobody had taken them. The tokens of those that
 * were still their holders'.
 */
export async function handedBack(db: Db, holders: Holder[]): Promise<Set<string>> {
  const all = <K extends keyof Holder>(column: K) => sql.param(holders.map(one => one[column]))
  const rows = await db.execute<{ token: string }>(sql`
    with held as materialized (
      select executions.id, executions.attempt, executions.token
      from executions
      join unnest(${all('id')}::uuid[], ${all('attempt')}::int[], ${all('token')}::uuid[]) as one (id, attempt, token)
        using (id, attempt, token)
      where executions.state = 'running'
      order by executions.id
      for update of executions
    ),
    queued as (
      update executions
      set state = 'queued', attempt = held.attempt - 1, token = null, lease_until = null, worker_id = null,
        version_id = case when held.attempt > 1 then executions.version_id end,
        started_at = case when held.attempt > 1 then executions.started_at end,
        updated_at = now()
      from held
      where executions.id = held.id and executions.state = 'running'
      returning held.*
    )
    delete from attempts
    using queued
    where attempts.execution_id = queued.id and attempts.number = queued.attempt
    returning queued.token
  `)
  return new Set(rows.map(row => row.token))
}

export async function aborted(db: Db | Tx, holder: Holder): Promise<boolean> {
  const rows = await db.execute(sql`
    with settled as (
      update executions
      set state = 'aborted', token = null, lease_until = null, finished_at = now(), updated_at = now()
      where ${isHeldBy(holder)} and state = 'aborting'
      returning id, attempt
    )
    update attempts
    set state = 'aborted', finished_at = now()
    from settled
    where attempts.execution_id = settled.id and attempts.number = settled.attempt
    returning attempts.id
  `)
  return rows.length > 0
}

export type Renewed = { token: string; state: 'running' | 'aborting' }

/** Those of `tokens` that are still ours, for another `leaseSeconds`. */
export async function renewed(db: Db, tokens: string[], leaseSeconds: number): Promise<Renewed[]> {
  return db.execute<Renewed>(sql`
    with held as materialized (
      select id
      from executions
      where token = any(${sql.param(tokens)}::uuid[]) and state in ('running', 'aborting')
      order by id
      for update
    )
    update executions
    set lease_until = now() + make_interval(secs => ${leaseSeconds})
    from held
    where executions.id = held.id
    returning token, state
  `)
}

/** Those of `tokens` whose executions are being aborted: what a worker asks when it may have missed the notification. */
export async function abortingAmong(db: Db, tokens: string[]): Promise<{ token: string }[]> {
  return db.execute<{ token: string }>(sql`
    select token from executions where token = any(${sql.param(tokens)}::uuid[]) and state = 'aborting'
  `)
}

export type Lost = { id: string; state: 'running' | 'aborting'; crashes: number }

/** A page of attempts whose lease has run out. Each of them leaves the page's condition, so no page can hide the next. */
export async function lockLost(tx: Tx, limit: number): Promise<Lost[]> {
  return tx.execute<Lost>(sql`
    select id, state, crashes
    from executions
    where state in ('running', 'aborting') and lease_until < now()
    order by lease_until
    limit ${limit}
    for update skip locked
  `)
}

/** `error` and `code` only for those that end as failed. The attempts end as lost. */
export async function lostTo(
  tx: Tx,
  ids: string[],
  to: 'queued' | 'failed' | 'aborted',
  failure: StoredFailure | null,
): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(sql`
    with settled as (
      update executions
      set state = ${to}, crashes = crashes + 1, token = null, lease_until = null, updated_at = now(),
        finished_at = case when ${to} <> 'queued' then now() end,
        error = coalesce(${failure?.error ?? null}, error),
        error_code = coalesce(${failure?.code ?? null}, error_code)
      where id = any(${sql.param(ids)}::uuid[]) and state in ('running', 'aborting')
      returning id, attempt
    )
    update attempts
    set state = 'lost', error = ${failure?.error ?? null}, error_code = ${failure?.code ?? null}, finished_at = now()
    from settled
    where attempts.execution_id = settled.id and attempts.number = settled.attempt
  `)
}
