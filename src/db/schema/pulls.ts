// The heads that pull requests had, as they were seen: what a command meant when it was written, and what was approved.
import { sql } from 'drizzle-orm'
import { boolean, check, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { at, githubId, sequence } from './columns.ts'
import { repositories } from './environments.ts'

export const pullHeads = pgTable(
  'pull_heads',
  {
    /** In the order they were seen; a head that comes back has another row. */
    id: sequence().primaryKey(),
    repositoryId: githubId()
      .notNull()
      .references(() => repositories.id),
    number: integer().notNull(),
    sha: text().notNull(),
    /** By GitHub's clock, which is also that of comments. */
    seenAt: at().notNull(),
    /** A stranger's code: built only when somebody has approved this very commit. */
    restricted: boolean().notNull(),
    approvedBy: text(),
    approvedAt: at(),
  },
  table => [
    // commands: what the head was when a comment was written; admission: whether it was approved
    index('pull_heads_pull').on(table.repositoryId, table.number, table.id),
    check('pull_heads_approved', sql`(approved_by is null) = (approved_at is null)`),
  ],
)
