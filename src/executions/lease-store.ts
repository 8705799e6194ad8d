// SQL of leases: renewed by their holder, and taken away by the sweep when they have run out.
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/client.ts'
import { statement } from '../db/statement.ts'
import { attemptEnded, finish, noAttempt } from './finish-store.ts'
import type { ErrorCode } from './outcome.ts'

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

export interface StoredFailure {
  /** JSON of a FailureRecord. */
  error: string
  code: ErrorCode
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
  const lost = attemptEnded(sql`'lost'`, sql`null::text`, sql`null::text`)
  await tx.execute(sql`
    update live_executions
    set state = 'queued', crashes = crashes + 1, attempts = attempts || ${lost}, ${noAttempt}, updated_at = now()
    where ${these}
  `)
}
