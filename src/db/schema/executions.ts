// Executions: those that live, in a table that stays small; those that have finished, in partitions by time that are dropped
// when they are old; and a view of both, for whoever reads. An execution is in exactly one of the two: what finishes it
// moves it over in one statement.
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  pgView,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import {
  at,
  createdAt,
  errorCodes,
  executedBys,
  executionStates,
  finishedStates,
  id,
  liveStates,
  oneOf,
  orderOf,
} from './columns.ts'
import { endedAttempt } from './ended-attempt.ts'
import { functions } from './functions.ts'

/** One attempt that has ended, as an execution's row keeps it. Times are PostgreSQL's, as JSON writes them. */
export interface EndedAttempt {
  number: number
  state: 'succeeded' | 'failed' | 'aborted' | 'interrupted' | 'lost'
  /** Why it was started: first, retry, interrupted, lease_expired. */
  reason: string
  versionId: string
  workerId: string
  startedAt: string
  finishedAt: string
  /** JSON of a FailureRecord. */
  error: string | null
  code: (typeof errorCodes)[number] | null
}

export const executionsSequence = pgSequence('executions_sequence')

// The same in both tables. No foreign keys but the function's: the others follow from it, and none of those rows is ever
// deleted.
const call = {
  sequence: orderOf(executionsSequence),
  environmentId: uuid().notNull(),
  arguments: text().notNull(), // a JSON array, as it came; or where it lies (executions/payload.ts)
  metadata: jsonb().$type<Record<string, string>>().notNull().default({}),
  scheduleFor: at().notNull().defaultNow(), // when the caller wanted it
  dueAt: at().notNull().defaultNow(), // its place in the queue, and when the next attempt may start: scheduleFor, earlier by a priority, later after a retry
  discardAfter: at(),
  executedBy: text({ enum: executedBys }).notNull().default('api'),
  rerunOf: uuid(),
  attempt: integer().notNull().default(0), // attempts started so far
  retries: integer().notNull().default(0), // of those, after a failure of the function itself
  crashes: integer().notNull().default(0), // of those, ended by the platform's loss (lease expired)
  versionId: uuid(), // of the newest attempt
  workerId: text(),
  attempts: jsonb().$type<EndedAttempt[]>().notNull().default([]), // oldest first
  createdAt: createdAt(),
  updatedAt: createdAt(),
  startedAt: at(), // of the first attempt
}

export const liveExecutions = pgTable(
  'live_executions',
  {
    id: id(),
    functionId: uuid()
      .notNull()
      .references(() => functions.id),
    state: text({ enum: liveStates }).notNull().default('queued'),
    ...call,
    token: uuid(), // fencing: only its holder may settle
    leaseUntil: at(),
    attemptReason: text(), // of the attempt under way, as EndedAttempt's
    attemptStartedAt: at(),
  },
  table => [
    // claim: the oldest due executions of one function; a paused million of another function is never walked
    index('executions_due').on(table.functionId, table.dueAt, table.sequence).where(sql`state = 'queued'`),
    // claim: how many of a function run now; rescue and heartbeat: all that run, which are few
    index('executions_running').on(table.functionId).where(sql`state in ('running', 'aborting')`),
    // discard: what was not started in time
    index('executions_discard')
      .on(table.discardAfter)
      .where(sql`state = 'queued' and discard_after is not null`),
    // list: newest first, in pages
    index('executions_listed').on(table.environmentId, table.sequence),
    // payloads: is this one still in use
    index('executions_payload').on(table.arguments).where(sql`arguments like '@%'`),
    oneOf('executions_state', 'state', liveStates),
    check(
      'executions_leased_while_running',
      sql`(token is not null and lease_until is not null and attempt_started_at is not null) = (state in ('running', 'aborting'))`,
    ),
  ],
)

/** Partitioned by finished_at (executions/history-store.ts); that an id is here once, the move from the live table sees to. */
export const finishedExecutions = pgTable(
  'finished_executions',
  {
    id: uuid().notNull(),
    functionId: uuid().notNull(),
    state: text({ enum: finishedStates }).notNull(),
    ...call,
    result: text(), // JSON, or where it lies; null: the function returned nothing
    error: text(), // JSON: { name, message, stack, cause }
    errorCode: text({ enum: errorCodes }),
    finishedAt: createdAt(),
    // Of the attempt it ended with, which `attempts` has only in the view: what else it was, the row says already.
    attemptState: text().$type<EndedAttempt['state']>(),
    attemptReason: text(),
    attemptStartedAt: at(),
  },
  table => [
    primaryKey({ columns: [table.id, table.finishedAt] }),
    index('finished_executions_listed').on(table.environmentId, table.sequence),
    // payloads: is this one still in use
    index('finished_executions_payload').on(table.arguments).where(sql`arguments like '@%'`),
    index('finished_executions_result').on(table.result).where(sql`result like '@%'`),
    oneOf('finished_executions_state', 'state', finishedStates),
    check('finished_executions_failed_has_error', sql`state <> 'failed' or error is not null`),
  ],
)

const both = sql.raw(
  [
    'id, function_id, state, sequence, environment_id, arguments, metadata, schedule_for, due_at, discard_after',
    'executed_by, rerun_of, attempt, retries, crashes, version_id, worker_id, created_at, updated_at, started_at',
  ].join(', '),
)

const lastEnd = {
  state: sql`attempt_state`,
  finishedAt: sql`finished_at`,
  error: sql`error`,
  code: sql`error_code`,
}

export const executions = pgView('executions', {
  id: uuid().notNull(),
  functionId: uuid().notNull(),
  state: text({ enum: executionStates }).notNull(),
  ...call,
  attemptReason: text(),
  attemptStartedAt: at(),
  result: text(),
  error: text(),
  errorCode: text({ enum: errorCodes }),
  finishedAt: at(),
}).as(sql`
  select ${both}, attempts, attempt_reason, attempt_started_at,
    null::text as result, null::text as error, null::text as error_code, null::timestamptz as finished_at
  from live_executions
  union all
  select ${both}, case when attempt_state is null then attempts else attempts || ${endedAttempt(lastEnd)} end,
    null::text, null::timestamptz, result, error, error_code, finished_at
  from finished_executions
`)

/**
 * How far each function's schedule is worked off. A function that is not scheduled any more rests: when it returns it counts
 * from then on, but never from before what was decided already.
 */
export const crons = pgTable('crons', {
  functionId: uuid()
    .primaryKey()
    .references(() => functions.id),
  expression: text().notNull(),
  timezone: text().notNull().default('UTC'),
  since: at().notNull(), // fire times up to it are decided, later ones are not
  resting: boolean().notNull().default(false),
  executionId: uuid(), // the newest one stored: is it still under way; no foreign key, finished ones move away
})
