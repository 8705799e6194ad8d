// What GitHub sent and who installed us.
import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { at, createdAt, githubId } from './columns.ts'

export const settings = pgTable('settings', {
  key: text().primaryKey(),
  value: text().notNull(),
  updatedAt: createdAt(),
})

export const installations = pgTable('installations', {
  id: githubId().primaryKey(),
  account: text().notNull(),
  accountId: githubId().notNull(),
  permissions: jsonb().$type<Record<string, string>>().notNull().default({}),
  suspendedAt: at(),
  deletedAt: at(),
  createdAt: createdAt(),
})

/** GitHub's tokens for installations, sealed with the master key: one for all processes. */
export const installationTokens = pgTable('installation_tokens', {
  key: text().primaryKey(), // the installation, and what the token was narrowed to
  sealed: text().notNull(),
  expiresAt: at().notNull(),
})

/** When the next write to an installation may begin: GitHub wants a second between two of them, from all processes together. */
export const writeTurns = pgTable('write_turns', {
  installation: text().primaryKey(),
  nextAt: at().notNull(),
})

export const deliveries = pgTable(
  'deliveries',
  {
    id: text().primaryKey(), // X-GitHub-Delivery; the same at a redelivery
    event: text().notNull(),
    action: text(),
    installationId: githubId(),
    repositoryId: githubId(),
    payload: text().notNull(), // the verified bytes as they came: jsonb would refuse \u0000
    receivedAt: createdAt(),
    processedAt: at(),
    error: text(),
  },
  table => [
    // deliveries/sweep: what was received and never processed, oldest first
    index('deliveries_unprocessed').on(table.receivedAt).where(sql`processed_at is null`),
  ],
)
