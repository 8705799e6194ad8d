// What the console keeps: who is signed in, who is about to, and finished executions counted by the hour, so that a page over a
// million of them reads some thousand rows.

import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { at, createdAt, finishedStates, oneOf } from './columns.ts'

export const consoleSessions = pgTable(
  'console_sessions',
  {
    /** sha256 of the cookie's 256 random bits: who reads the table cannot sign in with it. */
    hash: text().primaryKey(),
    /** GitHub's: a login may be renamed, and be somebody else's after that. */
    userId: bigint({ mode: 'number' }).notNull(),
    login: text().notNull(),
    createdAt: createdAt(),
    seenAt: createdAt(),
    /** Whatever happens. */
    expiresAt: at().notNull(),
  },
  table => [
    // signing out everywhere
    index('console_sessions_user').on(table.userId),
    // sweep
    index('console_sessions_expires').on(table.expiresAt),
  ],
)

/** Ways to GitHub that were begun and not come back from: each is good once, for ten minutes, in the browser that began it. */
export const consoleLogins = pgTable(
  'console_logins',
  {
    /** sha256 of the state. */
    hash: text().primaryKey(),
    /** Of PKCE, sealed with the master key. */
    verifier: text().notNull(),
    /** Where to go then: a path of the console. */
    next: text().notNull(),
    expiresAt: at().notNull(),
  },
  table => [index('console_logins_expires').on(table.expiresAt)],
)

export const executionRollups = pgTable(
  'execution_rollups',
  {
    environmentId: uuid().notNull(),
    hour: at().notNull(),
    functionId: uuid().notNull(),
    /** All zeros: it never began. */
    versionId: uuid().notNull(),
    state: text({ enum: finishedStates }).notNull(),
    /** Its last attempt took at most 1.2 to the power of this, in milliseconds; -1: it never began. */
    bucket: smallint().notNull(),
    amount: integer().notNull(),
    /** Of all their last attempts together. */
    totalMs: doublePrecision().notNull(),
  },
  table => [
    // insights: an environment's hours
    primaryKey({
      name: 'execution_rollups_key',
      columns: [
        table.environmentId,
        table.hour,
        table.functionId,
        table.versionId,
        table.state,
        table.bucket,
      ],
    }),
    // a function's hours
    index('execution_rollups_function').on(table.functionId, table.hour),
    // sweep: hours that are older than anybody looks
    index('execution_rollups_hour').on(table.hour),
    oneOf('execution_rollups_state', 'state', finishedStates),
  ],
)

/** Up to where finished executions are counted: one row, whose lock lines up those who count. */
export const rollupProgress = pgTable(
  'rollup_progress',
  { id: integer().primaryKey(), until: at().notNull() },
  () => [check('rollup_progress_one', sql`id = 1`)],
)
