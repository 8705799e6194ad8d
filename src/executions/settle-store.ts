// SQL of the ends that holders put to their attempts; their leases: lease-store.ts. Every statement is fenced by execution,
// attempt and token and by the state it comes from: no row back means that somebody else settled it first. Each keeps what the
// attempt was along.
// Only what runs has a token, so that of those with the right one all but the aborting run. Said like that, and with the ids
// again where rows are written, no plan is there but one that looks for the rows by their ids: told that they run, one that
// was made while next to nothing ran would read all that run, for each of them.
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { statement } from '../db/statement.ts'
import { attemptEnded, finish, intoHistory, noAttempt } from './finish-store.ts'
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

type Columns<T> = { [K in keyof T]: T[K][] }

const given = (name: keyof HeldEnding) => sql.placeholder(name)

type Finishing = Omit<HeldEnding, 'attemptError' | 'delaySeconds'>

/**
 * The rows are locked in the order of the ids, as heartbeats do it, because they are found by an index over them: two of one
 * worker over the same rows must not wait for each other. No two claims have the same token, so any of `token` is the one of its id.
 */
const finishAll = statement<Columns<Finishing>, { token: string }>(sql`
  with gone as (
    delete from live_executions
    where id = any(${given('id')}::uuid[]) and token = any(${given('token')}::uuid[])
      and attempt = any(${given('attempt')}::int[]) and state <> 'aborting'
    returning *
  ),
  ending as (
    select *
    from unnest(
      ${given('id')}::uuid[], ${given('attempt')}::int[], ${given('state')}::text[], ${given('attemptState')}::text[],
      ${given('result')}::text[], ${given('error')}::text[], ${given('code')}::text[], ${given('retries')}::int[]
    ) as one (id, held_attempt, end_state, attempt_state, result, error, code, spent)
  ),
  finished as (
    ${intoHistory(
      {
        state: sql`end_state`,
        attemptState: sql`attempt_state`,
        result: sql`result`,
        error: sql`error`,
        errorCode: sql`code`,
        retries: sql`retries + spent`,
        crashes: sql`crashes`,
      },
      sql`gone join ending using (id)`,
    )}
  )
  select token from gone
`)

type QueuedAgain = Omit<HeldEnding, 'state' | 'result' | 'error'>

const asItEnded = attemptEnded(sql`attempt_state`, sql`attempt_error`, sql`code`)

const queueAgain = statement<Columns<QueuedAgain>, { token: string }>(sql`
  with held as materialized (
    select ending.*
    from (
      select *
      from unnest(
        ${given('id')}::uuid[], ${given('attempt')}::int[], ${given('token')}::uuid[], ${given('attemptState')}::text[],
        ${given('attemptError')}::text[], ${given('code')}::text[], ${given('retries')}::int[], ${given('delaySeconds')}::float8[]
      ) as one (id, held_attempt, held_token, attempt_state, attempt_error, code, spent, delay)
      order by id
    ) ending
    cross join lateral (
      select from live_executions
      where id = ending.id and attempt = held_attempt and token = held_token and state <> 'aborting'
      for update
    ) still
  )
  update live_executions
  set state = 'queued', retries = retries + spent, attempts = attempts || ${asItEnded}, ${noAttempt}, updated_at = now(),
    due_at = case when delay is null then due_at else now() + make_interval(secs => delay) end
  from held
  where live_executions.id = any(array(select id from held)) and live_executions.id = held.id
  returning held_token as token
`)

/** Ends many at once, each only where it is still its holder's; the tokens of those it ended. */
export async function ended(db: Db | Tx, endings: HeldEnding[]): Promise<Set<string>> {
  const [again, finishing] = [endings.filter(isQueued), endings.filter(one => !isQueued(one))]
  const rows = [
    ...(finishing.length > 0 ? await finishAll(db, columnsOf(finishing)) : []),
    ...(again.length > 0 ? await queueAgain(db, columnsOf(again)) : []),
  ]
  return new Set(rows.map(row => row.token))
}

const isQueued = ({ state }: HeldEnding) => state === 'queued'

function columnsOf(endings: HeldEnding[]): Columns<HeldEnding> {
  const all = <K extends keyof HeldEnding>(column: K) => endings.map(one => one[column])
  return {
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
  }
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
