// Images of versions in a registry.
import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { at } from './columns.ts'
import { versions } from './functions.ts'

export const versionImages = pgTable(
  'version_images',
  {
    versionId: uuid()
      .primaryKey()
      .references(() => versions.id, { onDelete: 'cascade' }),
    /** registry/name:v7; null until it is pushed. */
    tag: text(),
    digest: text(),
    pushedAt: at(),
    tries: integer().notNull(),
    /** Of the last try, if that failed. */
    error: text(),
    /** Nobody else takes it up before. */
    nextTryAt: at().notNull(),
  },
  table => [
    // images: what is to be tried again
    index('version_images_due').on(table.nextTryAt).where(sql`digest is null`),
    check(
      'version_images_pushed',
      sql`(digest is null) = (tag is null) and (digest is null) = (pushed_at is null)`,
    ),
  ],
)
