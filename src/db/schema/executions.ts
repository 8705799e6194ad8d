// The queue: executions and their attempts. The claim's statement is in executions/store.ts.
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { at, attemptStates, createdAt, errorCodes, executionStates, id, oneOf, sequence } from './columns.ts'
import { environments } from './environments.ts'
import { functions, versions } from './functions.ts'

export const executions = pgTable(
  'executions',
  {
    id: id(),
    sequence: sequence(),
    environmentId: uuid()
      .notNull()
      .references(() => environments.id),
    functionId: uuid()
      .notNull()
      .references(() => functions.id),
    state: text({
      enum: executionStates,
    })
      .notNull()
      .default('queued'),
    arguments: text().notNull(), // a JSON array, as it came
    result: text(), // JSON; null: the function returned nothing
    error: text(), // JSON: { name, message, stack, cause }
    errorCode: text({ enum: errorCodes }),
    metadata: jsonb().$type<Record<string, string>>().notNull().default({}),
    scheduleFor: at().notNull().defaultNow(), // when the caller wanted it
    dueAt: at().notNull().defaultNow(), // when the next attempt may start: scheduleFor, later after a retry
    discardAfter: at(),
    executedBy: text({ enum: ['api', 'cron', 'rerun', 'command'] })
      .notNull()
      .default('api'),
    cronTick: at(),
    rerunOf: uuid(),
    attempt: integer().notNull().default(0), // attempts started so far
    retries: integer().notNull().default(0), // of those, after a failure of the function itself
    crashes: integer().notNull().default(0), // of those, ended by the platform's loss (lease expired)
    versionId: uuid().references(() => versions.id), // of the newest attempt
    token: uuid(), // fencing: only its holder may settle
    workerId: text(),
    leaseUntil: at(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
    startedAt: at(), // of the first attempt
    finishedAt: at(),
  },
  table => [
    // claim: the oldest due executions of one function; a paused million of another function is never walked
    index('executions_due').on(table.functionId, table.dueAt, table.sequence).where(sql`state = 'queued'`),
    // claim: how many of a function run now; rescue: whose lease has run out
    index('executions_running').on(table.functionId).where(sql`state in ('running', 'aborting')`),
    index('executions_leased').on(table.leaseUntil).where(sql`state in ('running', 'aborting')`),
    // discard: what was not started in time
    index('executions_discard')
      .on(table.discardAfter)
      .where(sql`state = 'queued' and discard_after is not null`),
    // list: newest first, in pages
    index('executions_listed').on(table.environmentId, table.sequence),
    // cron: each tick of a function once, over all machines
    uniqueIndex('executions_cron_tick')
      .on(table.functionId, table.cronTick)
      .where(sql`cron_tick is not null`),
    oneOf('executions_state', 'state', executionStates),
    check(
      'executions_finished',
      sql`(finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled', 'aborted', 'discarded'))`,
    ),
    check(
      'executions_leased_while_running',
      sql`(token is not null and lease_until is not null) = (state in ('running', 'aborting'))`,
    ),
    check('executions_failed_has_error', sql`state <> 'failed' or error is not null`),
  ],
)

export const attempts = pgTable(
  'attempts',
  {
    id: id(),
    executionId: uuid()
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    number: integer().notNull(),
    state: text({ enum: attemptStates }).notNull().default('running'),
    /** Why it was started: first, retry, interrupted, lease_expired. */
    reason: text().notNull(),
    versionId: uuid()
      .notNull()
      .references(() => versions.id),
    workerId: text().notNull(),
    error: text(),
    errorCode: text(),
    startedAt: createdAt(),
    finishedAt: at(),
  },
  table => [
    unique('attempts_number').on(table.executionId, table.number),
    oneOf('attempts_state', 'state', attemptStates),
    check('attempts_finished', sql`(finished_at is null) = (state = 'running')`),
  ],
)

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
