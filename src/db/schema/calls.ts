// What belongs to calls beside their executions: payloads too large for a row, and the keys by which a caller repeats itself.
import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { at, createdAt } from './columns.ts'
import { environments } from './environments.ts'

/** Artifacts that hold arguments or results. An execution names one by `@` and its digest where the text itself would stand. */
export const payloads = pgTable(
  'payloads',
  {
    digest: text().primaryKey(),
    usedAt: at().notNull().defaultNow(), // when one was last stored, or found to be in use
  },
  table => [
    // sweep: the longest unused first
    index('payloads_used').on(table.usedAt),
  ],
)

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    environmentId: uuid()
      .notNull()
      .references(() => environments.id),
    key: text().notNull(),
    /** Digest of the request: the same key with another request is a mistake. */
    fingerprint: text().notNull(),
    executionIds: uuid().array().notNull().default(sql`'{}'`),
    /** What was answered where it was no call: status and body. */
    answer: jsonb().$type<{ status: number; body: unknown }>(),
    createdAt: createdAt(),
  },
  table => [
    primaryKey({ columns: [table.environmentId, table.key] }),
    // sweep: those that have had their day
    index('idempotency_keys_created').on(table.createdAt),
  ],
)
