// SQL of everything that ends or renews an attempt. Every statement is fenced by execution, attempt and token and by the
// state it comes from: no row back means that somebody else settled it first. Each keeps what the attempt was along.
// Only what runs has a token, so that of those with the right one all but the aborting run. Said like that, and with the ids
// again where rows are written, no plan is there but one that looks for the rows by their ids: told that they run, one that
// was made while next to nothing ran would read all that run, for each of them.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { statement } from '../db/statement.ts'
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

type Columns<T> = { [K in keyof T]: T[K][] }

const end = statement<Columns<HeldEnding>, { token: string }>(sql`
  with ending as (
    select *
    from unnest(
      ${sql.placeholder('id')}::uuid[], ${sql.placeholder('attempt')}::int[], ${sql.placeholder('token')}::uuid[], ${sql.placeholder('state')}::text[],
      ${sql.placeholder('attemptState')}::text[], ${sql.placeholder('result')}::text[], ${sql.placeholder('error')}::text[],
      ${sql.placeholder('attemptError')}::text[], ${sql.placeholder('code')}::text[], ${sql.placeholder('retries')}::int[],
      ${sql.placeholder('delaySeconds')}::float8[]
    ) as one (
      id, held_attempt, held_token, end_state, attempt_state, result, error, attempt_error, code, spent, delay
    )
  ),
  held as materialized (
    select ending.*
    from (select * from ending order by id) ending
    cross join lateral (
      select from live_executions
      where id = ending.id and attempt = held_attempt and token = held_token and state <> 'aborting'
      for update
    ) still
  ),
  again as (
    update live_executions
    set state = 'queued', retries = retries + spent, attempts = attempts || ${attemptEnded}, ${noAttempt}, updated_at = now(),
      due_at = case when delay is null then due_at else now() + make_interval(secs => delay) end
    from held
    where live_executions.id = any(array(select id from held where end_state = 'queued')) and live_executions.id = held.id
    returning held_token
  ),
  gone as (
    delete from live_executions
    where id = any(array(select id from held where end_state <> 'queued'))
    returning *
  ),
  finished as (
    ${intoHistory(
      {
        state: sql`end_state`,
        attempts: sql`attempts || ${attemptEnded}`,
        result: sql`result`,
        error: sql`error`,
        errorCode: sql`case when end_state = 'failed' then code end`,
        retries: sql`retries + spent`,
        crashes: sql`crashes`,
      },
      sql`gone join held using (id)`,
    )}
  )
  select held_token as token from again union all select token from gone
`)

/**
 * Ends many at once, each only where it is still its holder's; the tokens of those it ended. `held` takes the locks in the
 * order of the ids, as heartbeats do: two of one worker over the same rows must not wait for each other.
 */
export async function ended(db: Db | Tx, endings: HeldEnding[]): Promise<Set<string>> {
  const all = <K extends keyof HeldEnding>(column: K) => endings.map(one => one[column])
  const rows = await end(db, {
    id: all('id'),
    attempt: all('attempt'),
    token: all('token'),
    state: all('state'),
    attemptState: all('attemptState'),
    result: all('result'),
    error: all('error'),
    attemptError: all('attemptError'),
    code: all('code'),
    retries: all('retries'),
    delaySeconds: all('delaySeconds'),
  })
  return new Set(rows.map(row => row.token))
}

export interface StoredFailure {
  /** JSON of a FailureRecord. */
  error: string
  code: ErrorCode
}

const handBack = statement<Columns<Holder>, { token: string }>(sql`
  with held as materialized (
    select one.id, one.token
    from (
      select *
      from unnest(${sql.placeholder('id')}::uuid[], ${sql.placeholder('attempt')}::int[], ${sql.placeholder('token')}::uuid[])
        as one (id, attempt, token)
      order by id
    ) one
    cross join lateral (
      select from live_executions
      where id = one.id and attempt = one.attempt and token = one.token and state <> 'aborting'
      for update
    ) still
  )
  update live_executions
  set state = 'queued', attempt = attempt - 1, ${noAttempt}, updated_at = now(),
    worker_id = attempts -> -1 ->> 'workerId',
    version_id = (attempts -> -1 ->> 'versionId')::uuid,
    started_at = case when attempt > 1 then started_at end
  from held
  where live_executions.id = any(array(select id from held)) and live_executions.id = held.id
  returning held.token
`)

/**
 * Undoes claims whose attempts never began: the executions are queued as if nobody had taken them. The tokens of those that
 * were still their holders'.
 */
export async function handedBack(db: Db, holders: Holder[]): Promise<Set<string>> {
  const all = <K extends keyof Holder>(column: K) => holders.map(one => one[column])
  const rows = await handBack(db, { id: all('id'), attempt: all('attempt'), token: all('token') })
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
export const renewed = statement<{ tokens: string[]; leaseSeconds: number }, Renewed>(sql`
  with held as materialized (
    select id
    from live_executions
    where token = any(${sql.placeholder('tokens')}::uuid[]) and state in ('running', 'aborting')
    order by id
    for update
  )
  update live_executions
  set lease_until = now() + make_interval(secs => ${sql.placeholder('leaseSeconds')})
  where id = any(array(select id from held))
  returning token, state
`)

/** Those of `tokens` whose executions are being aborted: what a worker asks when it may have missed the notification. */
export const abortingAmong = statement<{ tokens: string[] }, { token: string }>(sql`
  select token from live_executions where token = any(${sql.placeholder('tokens')}::uuid[]) and state = 'aborting'
`)

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
