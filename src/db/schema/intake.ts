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
