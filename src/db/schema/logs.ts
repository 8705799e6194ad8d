// What functions said: the lines of an attempt in parts of some kilobytes, so that a talkative one is some dozen rows.
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt } from './columns.ts'

/** Partitioned by at, like the finished executions they belong to; no foreign key, because those move. */
export const attemptLogs = pgTable(
  'attempt_logs',
  {
    executionId: uuid().notNull(),
    attempt: integer().notNull(),
    part: integer().notNull(), // 0, 1, 2 of an attempt; one that was stored twice has its number twice
    lines: text().notNull(), // JSON: [milliseconds, level, text] each
    at: createdAt(), // when it was stored
  },
  table => [
    // the log of an execution, in order
    index('attempt_logs_of').on(table.executionId, table.attempt, table.part),
  ],
)
