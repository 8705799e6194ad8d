// SQL that finishes executions: one statement takes a row out of the live table and writes it into the history. What was
// taken by somebody else is not there to be taken: nothing finishes twice.
import { type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { endedAttempt } from '../db/schema/ended-attempt.ts'
import type { ErrorCode } from './outcome.ts'
import type { FinishedState } from './states.ts'

// What goes over as it is.
const kept = [
  'id',
  'function_id',
  'sequence',
  'environment_id',
  'arguments',
  'metadata',
  'schedule_for',
  'due_at',
  'discard_after',
  'executed_by',
  'rerun_of',
  'attempt',
  'attempts',
  'attempt_reason',
  'attempt_started_at',
  'version_id',
  'worker_id',
  'created_at',
  'started_at',
].join(', ')

export interface FinishedColumns {
  state: SQL
  /** How the attempt under way ended; null where there is none. */
  attemptState: SQL
  result: SQL
  error: SQL
  errorCode: SQL
  retries: SQL
  crashes: SQL
}

const unchanged = { retries: sql`retries`, crashes: sql`crashes` }
const nothing = sql`null::text`

/** An insert of all rows of `gone`: live rows that the same statement deletes. The columns are expressions over `rows`. */
export function intoHistory(columns: FinishedColumns, rows = sql`gone`): SQL {
  const { state, attemptState, result, error, errorCode, retries, crashes } = columns
  return sql`
    insert into finished_executions (
      ${sql.raw(kept)}, state, attempt_state, result, error, error_code, retries, crashes, updated_at, finished_at
    )
    select ${sql.raw(kept)}, ${state}, ${attemptState}, ${result}, ${error}, ${errorCode}, ${retries}, ${crashes}, now(), now()
    from ${rows}
  `
}

/** The attempt under way of a row that stays live, as it ends now: for the end of `attempts`. */
export function attemptEnded(state: SQL, error: SQL, code: SQL): SQL {
  return endedAttempt({ state, finishedAt: sql`now()`, error, code })
}

/** For an update: what of a row belongs to the attempt under way. */
export const noAttempt = sql`token = null, lease_until = null, attempt_reason = null, attempt_started_at = null`

export interface Finish {
  state: FinishedState
  /** JSON of a FailureRecord. */
  error?: string | null
  code?: ErrorCode | null
  /** How the attempt under way ended; left out where there is none. */
  attempt?: 'aborted' | 'lost'
}

export type Finished = { id: string; arguments: string }

/** Finishes the live executions for which `condition` holds. */
export async function finish(db: Db | Tx, condition: SQL, how: Finish): Promise<Finished[]> {
  const { state, error = null, code = null, attempt = null } = how
  const columns = {
    ...unchanged,
    state: sql`${state}`,
    result: nothing,
    error: sql`${error}::text`,
    errorCode: sql`${code}::text`,
    attemptState: sql`${attempt}::text`,
    ...(attempt === 'lost' ? { crashes: sql`crashes + 1` } : {}),
  }
  return db.execute<Finished>(sql`
    with gone as (
      delete from live_executions where ${condition} returning *
    ),
    finished as (
      ${intoHistory(columns)}
    )
    select id, arguments from gone
  `)
}
