// SQL of everything that ends or renews an attempt. Every statement is fenced by execution, attempt and token and by the
// state it comes from: no row back means that somebody else settled it first. Each keeps what the attempt was along.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { endedAttempt, finish, intoHistory, noAttempt } from './finish-store.ts'
import type { ErrorCode } from './outcome.ts'

export type Holder = {
  id: string
  attempt: number
  token: string
}

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

const attemptEnded = endedAttempt(sql`attempt_state`, sql`attempt_error`, sql`code`)

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
        id, held_attempt, held_token, end_state, attempt_state, result, error, attempt_error, code, spent, delay
      )
    ),
    held as materialized (
      select ending.*
      from live_executions
      join ending using (id)
      where attempt = held_attempt and token = held_token and state = 'running'
      order by id
      for update of live_executions
    ),
    again as (
      update live_executions
      set state = 'queued', retries = retries + spent, attempts = attempts || ${attemptEnded}, ${noAttempt}, updated_at = now(),
        due_at = case when delay is null then due_at else now() + make_interval(secs => delay) end
      from held
      where live_executions.id = held.id and state = 'running' and end_state = 'queued'
      returning held_token
    ),
    gone as (
      delete from live_executions
      using held
      where live_executions.id = held.id and state = 'running' and end_state <> 'queued'
      returning live_executions.*, held_token, end_state, attempt_state, result, error, attempt_error, code, spent
    ),
    finished as (
      ${intoHistory({
        state: sql`end_state`,
        attempts: sql`attempts || ${attemptEnded}`,
        result: sql`result`,
        error: sql`error`,
        errorCode: sql`case when end_state = 'failed' then code end`,
        retries: sql`retries + spent`,
        crashes: sql`crashes`,
      })}
    )
    select held_token as token from again union all select held_token from gone
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
      select live_executions.id, live_executions.token
      from live_executions
      join unnest(${all('id')}::uuid[], ${all('attempt')}::int[], ${all('token')}::uuid[]) as one (id, attempt, token)
        using (id, attempt, token)
      where state = 'running'
      order by id
      for update of live_executions
    )
    update live_executions
    set state = 'queued', attempt = attempt - 1, ${noAttempt}, updated_at = now(),
      worker_id = attempts -> -1 ->> 'workerId',
      version_id = (attempts -> -1 ->> 'versionId')::uuid,
      started_at = case when attempt > 1 then started_at end
    from held
    where live_executions.id = held.id and state = 'running'
    returning held.token
  `)
  return new Set(rows.map(row => row.token))
}

export async function aborted(db: Db | Tx, { id, attempt, token }: Holder): Promise<boolean> {
  const rows = await finish(
    db,
    sql`id = ${id} and attempt = ${attempt} and token = ${token} and state = 'aborting'`,
    { state: 'aborted', attempt: 'aborted' },
  )
  return rows.length > 0
}

export type Renewed = { token: string; state: 'running' | 'aborting' }

/** Those of `tokens` that are still ours, for another `leaseSeconds`. */
export async function renewed(db: Db, tokens: string[], leaseSeconds: number): Promise<Renewed[]> {
  return db.execute<Renewed>(sql`
    with held as materialized (
      select id
      from live_executions
      where token = any(${sql.param(tokens)}::uuid[]) and state in ('running', 'aborting')
      order by id
      for update
    )
    update live_executions
    set lease_until = now() + make_interval(secs => ${leaseSeconds})
    from held
    where live_executions.id = held.id
    returning token, state
  `)
}

/** Those of `tokens` whose executions are being aborted: what a worker asks when it may have missed the notification. */
export async function abortingAmong(db: Db, tokens: string[]): Promise<{ token: string }[]> {
  return db.execute<{ token: string }>(sql`
    select token from live_executions where token = any(${sql.param(tokens)}::uuid[]) and state = 'aborting'
  `)
}

export type Lost = { id: string; state: 'running' | 'aborting'; crashes: number }

/** A page of attempts whose lease has run out. Each of them leaves the page's condition, so no page can hide the next. */
export async function lockLost(tx: Tx, limit: number): Promise<Lost[]> {
  return tx.execute<Lost>(sql`
    select id, state, crashes
    from live_executions
    where state in ('running', 'aborting') and lease_until < now()
    order by lease_until
    limit ${limit}
    for update skip locked
  `)
}

/** Their attempts end as lost. The caller holds the rows. `failure` only for those that end as failed. */
export async function lostTo(
  tx: Tx,
  ids: string[],
  to: 'queued' | 'failed' | 'aborted',
  failure: StoredFailure | null,
): Promise<void> {
  if (ids.length === 0) return
  const these = sql`id = any(${sql.param(ids)}::uuid[]) and state in ('running', 'aborting')`
  if (to !== 'queued') {
    await finish(tx, these, {
      state: to,
      error: failure?.error ?? null,
      code: failure?.code ?? null,
      attempt: 'lost',
    })
    return
  }
  const lost = endedAttempt(sql`'lost'`, sql`null::text`, sql`null::text`)
  await tx.execute(sql`
    update live_executions
    set state = 'queued', crashes = crashes + 1, attempts = attempts || ${lost}, ${noAttempt}, updated_at = now()
    where ${these}
  `)
}
