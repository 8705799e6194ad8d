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

/** The end of each statement: the attempt of the execution that `settled` returned ends with it. */
const endAttempt = (state: string, error: string | null = null, code: ErrorCode | null = null) => sql`
    update attempts
    set state = ${state}, error = ${error}, error_code = ${code}, finished_at = now()
    from settled
    where attempts.execution_id = settled.id and attempts.number = settled.attempt
    returning attempts.id`

export async function succeeded(db: Db | Tx, holder: Holder, result: string | null): Promise<boolean> {
  const rows = await db.execute(sql`
    with settled as (
      update executions
      set state = 'succeeded', result = ${result}, token = null, lease_until = null,
        finished_at = now(), updated_at = now()
      where ${isHeldBy(holder)} and state = 'running'
      returning id, attempt
    )
    ${endAttempt('succeeded')}
  `)
  return rows.length > 0
}

export interface StoredFailure {
  /** JSON of a FailureRecord. */
  error: string
  code: ErrorCode
}

export async function failed(db: Db | Tx, holder: Holder, { error, code }: StoredFailure): Promise<boolean> {
  const rows = await db.execute(sql`
    with settled as (
      update executions
      set state = 'failed', error = ${error}, error_code = ${code}, token = null, lease_until = null,
        finished_at = now(), updated_at = now()
      where ${isHeldBy(holder)} and state = 'running'
      returning id, attempt
    )
    ${endAttempt('failed', error, code)}
  `)
  return rows.length > 0
}

/** The attempt keeps what went wrong; the execution has not failed. */
export async function retryLater(
  db: Db | Tx,
  holder: Holder,
  { error, code }: StoredFailure,
  delaySeconds: number,
): Promise<boolean> {
  const rows = await db.execute(sql`
    with settled as (
      update executions
      set state = 'queued', retries = retries + 1,
        due_at = now() + make_interval(secs => ${delaySeconds}), token = null, lease_until = null, updated_at = now()
      where ${isHeldBy(holder)} and state = 'running'
      returning id, attempt
    )
    ${endAttempt('failed', error, code)}
  `)
  return rows.length > 0
}

/** Keeps its place in the queue, unless it should wait: then it comes due after `delaySeconds`. */
export async function givenBack(
  db: Db | Tx,
  holder: Holder,
  error: string,
  delaySeconds: number,
): Promise<boolean> {
  const rows = await db.execute(sql`
    with settled as (
      update executions
      set state = 'queued',
        due_at = case when ${delaySeconds}::float8 > 0 then now() + make_interval(secs => ${delaySeconds}) else due_at end,
        token = null, lease_until = null, updated_at = now()
      where ${isHeldBy(holder)} and state = 'running'
      returning id, attempt
    )
    ${endAttempt('interrupted', error)}
  `)
  return rows.length > 0
}

export async function aborted(db: Db | Tx, holder: Holder): Promise<boolean> {
  const rows = await db.execute(sql`
    with settled as (
      update executions
      set state = 'aborted', token = null, lease_until = null, finished_at = now(), updated_at = now()
      where ${isHeldBy(holder)} and state = 'aborting'
      returning id, attempt
    )
    ${endAttempt('aborted')}
  `)
  return rows.length > 0
}

export type Renewed = { token: string; state: 'running' | 'aborting' }

/** Those of `tokens` that are still ours, for another `leaseSeconds`. */
export async function renewed(db: Db, tokens: string[], leaseSeconds: number): Promise<Renewed[]> {
  return db.execute<Renewed>(sql`
    update executions
    set lease_until = now() + make_interval(secs => ${leaseSeconds})
    where token = any(${sql.param(tokens)}::uuid[]) and state in ('running', 'aborting')
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
