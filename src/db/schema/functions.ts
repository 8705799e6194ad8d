// Functions, their versions, what is live, and what operators decided about them.
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { FunctionOptions } from '../../functions/manifest.ts'
import {
  archiveReasons,
  at,
  createdAt,
  deletionReasons,
  functionOrigins,
  functionStates,
  id,
  oneOf,
  overlayKinds,
  releaseKinds,
  sequence,
} from './columns.ts'
import { builds, environments } from './environments.ts'

export const functions = pgTable(
  'functions',
  {
    id: id(),
    environmentId: uuid()
      .notNull()
      .references((): AnyPgColumn => environments.id),
    name: text().notNull(),
    state: text({ enum: functionStates }).notNull().default('init'),
    /** What was uploaded no push archives; what the code has of the same name takes its place. */
    origin: text({ enum: functionOrigins }).notNull().default('code'),
    activeVersionId: uuid().references((): AnyPgColumn => versions.id),
    /** Whether it is invoked over the lifecycle API without a signature. */
    skipSigning: boolean().notNull().default(false),
    archivedAt: at(),
    archivedBecause: text({ enum: archiveReasons }),
    /** How often what may start of it was switched (functions/halt-starts.ts): a claim that judged by older rows finds another number. */
    switches: integer().notNull().default(0),
    createdAt: createdAt(),
  },
  table => [
    // enqueue by name; a name may be used again after a deletion
    uniqueIndex('functions_name').on(table.environmentId, table.name).where(sql`state <> 'deleted'`),
    oneOf('functions_state', 'state', functionStates),
    oneOf('functions_origin', 'origin', functionOrigins),
    check('functions_archived', sql`(archived_at is null) = (archived_because is null)`),
    check('functions_active_has_version', sql`state <> 'active' or active_version_id is not null`),
  ],
)

export const versions = pgTable(
  'versions',
  {
    id: id(),
    functionId: uuid()
      .notNull()
      .references((): AnyPgColumn => functions.id),
    number: integer().notNull(),
    /** The build that made it; later builds with the same fingerprint reuse it. */
    buildId: uuid()
      .notNull()
      .references(() => builds.id),
    file: text().notNull(),
    bundleDigest: text().notNull(),
    sourceMapDigest: text().notNull(),
    options: jsonb().$type<FunctionOptions>().notNull(),
    fingerprint: text().notNull(), // of bundle and options
    createdAt: createdAt(),
  },
  table => [
    unique('versions_number').on(table.functionId, table.number),
    // release: does this function already have a version with this content
    unique('versions_fingerprint').on(table.functionId, table.fingerprint),
  ],
)

/** Every switch of what is live, forwards or back. */
export const releases = pgTable(
  'releases',
  {
    id: id(),
    sequence: sequence(),
    environmentId: uuid()
      .notNull()
      .references(() => environments.id),
    buildId: uuid()
      .notNull()
      .references(() => builds.id),
    kind: text({ enum: releaseKinds }).notNull(),
    actor: text().notNull(),
    changes: jsonb().$type<unknown>().notNull(),
    createdAt: createdAt(),
  },
  table => [
    // rollback: which build was live before this one
    index('releases_environment').on(table.environmentId, table.sequence),
    oneOf('releases_kind', 'kind', releaseKinds),
  ],
)

export const deletions = pgTable(
  'deletions',
  {
    id: id(),
    functionId: uuid()
      .notNull()
      .references(() => functions.id),
    reason: text({ enum: deletionReasons }).notNull(),
    actor: text().notNull(),
    createdAt: createdAt(),
    executeAt: at().notNull(),
    cancelledAt: at(),
    cancelledBy: text(),
    completedAt: at(),
    /** Digest of the artifact that keeps the payloads of the executions it cancelled. */
    tombstone: text(),
  },
  table => [
    // one at a time; sweep: which have come due
    uniqueIndex('deletions_pending')
      .on(table.functionId)
      .where(sql`cancelled_at is null and completed_at is null`),
    index('deletions_due').on(table.executeAt).where(sql`cancelled_at is null and completed_at is null`),
    oneOf('deletions_reason', 'reason', deletionReasons),
    check('deletions_completed_has_tombstone', sql`completed_at is null or tombstone is not null`),
    check('deletions_one_end', sql`cancelled_at is null or completed_at is null`),
  ],
)

/** What an operator decided, kept apart from what the code says: survives every deploy until lifted. */
export const overlays = pgTable(
  'overlays',
  {
    id: id(),
    environmentId: uuid()
      .notNull()
      .references(() => environments.id),
    /** Null: the whole environment. */
    functionId: uuid().references((): AnyPgColumn => functions.id),
    kind: text({ enum: overlayKinds }).notNull(),
    reason: text(),
    actor: text().notNull(),
    until: at(),
    createdAt: createdAt(),
    liftedAt: at(),
    liftedBy: text(),
  },
  table => [
    // claim: is this function, or its environment, paused; and at most one of a kind at a time
    uniqueIndex('overlays_in_force')
      .on(table.environmentId, sql`coalesce(function_id, '00000000-0000-0000-0000-000000000000')`, table.kind)
      .where(sql`lifted_at is null`),
    oneOf('overlays_kind', 'kind', overlayKinds),
    check('overlays_lifted', sql`(lifted_at is null) = (lifted_by is null)`),
  ],
)
