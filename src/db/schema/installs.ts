// Installed dependencies in the artifact store, for builders on other machines.
import { bigint, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { createdAt } from './columns.ts'

export const keptInstalls = pgTable(
  'kept_installs',
  {
    key: text().primaryKey(), // what they were installed from: builds/installing/install-plan.ts
    parts: jsonb().$type<string[]>().notNull(), // digests of the artifacts that are the packed tree, one after the other
    bytes: bigint({ mode: 'number' }).notNull(),
    createdAt: createdAt(),
    usedAt: createdAt(),
  },
  table => [
    // kept-installs/evict: what was not used for longest
    index('kept_installs_used').on(table.usedAt),
  ],
)
