// Functions that fail: how many failures there were lately, and which are told of as failing until they recover.
import { sql } from 'drizzle-orm'
import {
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { alertEnds, at, createdAt, id, oneOf } from './columns.ts'
import { environments } from './environments.ts'
import { functions } from './functions.ts'

/** Failures of one kind: equal but for the numbers, names and ids in their messages (alerts/fingerprint.ts). */
export interface AlertError {
  fingerprint: string
  name: string
  message: string
  amount: number
  /** The newest of them. */
  executionId: string
}

/** Up to when finished executions have been counted. */
export const alertProgress = pgTable(
  'alert_progress',
  { id: integer().primaryKey(), until: at().notNull() },
  () => [check('alert_progress_one', sql`id = 1`)],
)

/** Failures by the minute, of the last hour. */
export const alertCounts = pgTable(
  'alert_counts',
  {
    functionId: uuid().notNull(),
    versionId: uuid().notNull(),
    minute: at().notNull(),
    failed: integer().notNull(),
  },
  table => [
    primaryKey({ columns: [table.functionId, table.versionId, table.minute] }),
    index('alert_counts_minute').on(table.minute),
  ],
)

export const alerts = pgTable(
  'alerts',
  {
    id: id(),
    /** Those that began together in one environment are one piece of news. */
    incidentId: uuid().notNull(),
    environmentId: uuid()
      .notNull()
      .references(() => environments.id),
    functionId: uuid()
      .notNull()
      .references(() => functions.id),
    versionId: uuid().notNull(),
    /** Since it began, with those that made it begin. */
    failed: integer().notNull(),
    lastFailedAt: at().notNull(),
    lastSucceededAt: at(),
    errors: jsonb().$type<AlertError[]>().notNull().default([]), // the most frequent first
    openedAt: createdAt(),
    closedAt: at(),
    closedBecause: text({ enum: alertEnds }),
  },
  table => [
    // one at a time of a function
    uniqueIndex('alerts_open').on(table.functionId).where(sql`closed_at is null`),
    index('alerts_incident').on(table.incidentId),
    // a new one joins what began a moment ago
    index('alerts_environment').on(table.environmentId, table.openedAt),
    oneOf('alerts_closed_because', 'closed_because', alertEnds),
    check('alerts_closed', sql`(closed_at is null) = (closed_because is null)`),
  ],
)
