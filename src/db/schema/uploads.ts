// Archives that were uploaded, each with the build that is made of it: one function's code, and what it finds in its environment.
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt } from './columns.ts'
import { builds } from './environments.ts'
import { functions } from './functions.ts'

export const uploads = pgTable(
  'uploads',
  {
    buildId: uuid()
      .primaryKey()
      .references(() => builds.id),
    functionId: uuid()
      .notNull()
      .references(() => functions.id),
    /** Of the archive, in the artifact store. */
    digest: text().notNull(),
    packedBytes: integer().notNull(),
    /** JSON of the variables that came with it (sealed.ts); null: none. */
    sealedEnv: text(),
    actor: text().notNull(),
    createdAt: createdAt(),
  },
  // is one of a function under way; what it takes up
  table => [index('uploads_function').on(table.functionId)],
)
