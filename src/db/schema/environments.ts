// Where branches land, and the builds of their commits. Each index carries the query it serves.
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { BuiltBy } from '../../builds/channel.ts'
import type { BuildSettings } from '../../environments/repository-file.ts'
import type { Manifest } from '../../functions/manifest.ts'
import {
  at,
  buildKinds,
  buildStates,
  closedBecauses,
  createdAt,
  environmentKinds,
  githubId,
  id,
  modes,
  oneOf,
  variableScopes,
} from './columns.ts'
import { installations } from './intake.ts'

export const repositories = pgTable(
  'repositories',
  {
    id: githubId().primaryKey(),
    installationId: githubId()
      .notNull()
      .references(() => installations.id),
    owner: text().notNull(),
    name: text().notNull(),
    defaultBranch: text().notNull(),
    private: boolean().notNull(),
    /** The last good repository file (environments/repository-file.ts); null: none was ever read. */
    config: jsonb().$type<unknown>(),
    configSha: text(),
    /** Problems of the newest repository file; the last good one stays in force meanwhile. */
    configProblems: jsonb().$type<unknown[]>().notNull().default([]),
    configProblemsSha: text(),
    /** Heads of its mapped branches ("main") and open pull requests ("pull 7") at the last reconciliation, and when that was. */
    heads: jsonb().$type<Record<string, string>>().notNull().default({}),
    headsAt: at(),
    removedAt: at(),
    createdAt: createdAt(),
  },
  table => [
    // tokens and commands name a repository as owner/name
    uniqueIndex('repositories_full_name')
      .on(sql`lower(owner)`, sql`lower(name)`)
      .where(sql`removed_at is null`),
    // github: what an installation covers
    index('repositories_installation').on(table.installationId),
  ],
)

export const environments = pgTable(
  'environments',
  {
    id: id(),
    repositoryId: githubId()
      .notNull()
      .references(() => repositories.id),
    name: text().notNull(),
    kind: text({ enum: environmentKinds }).notNull(),
    branch: text().notNull(),
    root: text().notNull().default('.'),
    production: boolean().notNull().default(false),
    crons: boolean().notNull().default(true),
    watch: jsonb().$type<string[]>().notNull().default([]),
    /** How it is built, as its repository's file said at the last push (environments/repository-file.ts). */
    build: jsonb().$type<BuildSettings>(),
    pullNumber: integer(),
    /** Of a preview: the branch its pull request is to be merged into. */
    baseBranch: text(),
    /** False: a stranger's code runs in it. It is given no variables, and no other build takes what it leaves in a cache. */
    trusted: boolean().notNull().default(true),
    mode: text({ enum: modes }).notNull().default('normal'),
    /** Since when it is drained, and how long what is under way may go on. */
    drainingSince: at(),
    drainGraceSeconds: integer(),
    /** The build that is live; null before the first. Switched by functions/release.ts and rollback.ts alone. */
    activeBuildId: uuid().references((): AnyPgColumn => builds.id),
    closedAt: at(),
    closedBecause: text({ enum: closedBecauses }),
    /** The last time: at first, or again after it was closed. */
    openedAt: createdAt(),
    /** Of a preview too many: when it is closed unless something is pushed. */
    evictAt: at(),
    createdAt: createdAt(),
  },
  table => [
    unique('environments_name').on(table.repositoryId, table.name),
    // resolve: the environments a pushed branch lands in
    index('environments_branch').on(table.repositoryId, table.branch).where(sql`closed_at is null`),
    oneOf('environments_kind', 'kind', environmentKinds),
    // previews: those that are open
    index('environments_previews').on(table.repositoryId).where(sql`kind = 'preview' and closed_at is null`),
    oneOf('environments_mode', 'mode', modes),
    oneOf('environments_closed_because', 'closed_because', closedBecauses),
    check(
      'environments_drained_since',
      sql`(mode = 'normal') = (draining_since is null) and (mode = 'normal') = (drain_grace_seconds is null)`,
    ),
    check('environments_preview_has_pull', sql`(kind = 'preview') = (pull_number is not null)`),
    check('environments_preview_not_production', sql`not (kind = 'preview' and production)`),
  ],
)

export const tokens = pgTable(
  'tokens',
  {
    id: id(),
    environmentId: uuid()
      .notNull()
      .references(() => environments.id),
    /** The first characters, to recognise it by; never enough to use it. */
    prefix: text().notNull(),
    hash: text().notNull(), // sha256 of the token, hex: it carries 192 random bits, so no salt is needed
    createdAt: createdAt(),
    lastUsedAt: at(),
    revokedAt: at(),
  },
  // api/auth: which environment a token speaks for
  table => [uniqueIndex('tokens_hash').on(table.hash)],
)

export const builds = pgTable(
  'builds',
  {
    id: id(),
    environmentId: uuid()
      .notNull()
      .references((): AnyPgColumn => environments.id),
    /** Rises with the order in which the branch's heads were seen; a lower number never replaces a higher one. */
    number: integer().notNull(),
    kind: text({ enum: buildKinds }).notNull().default('commit'),
    /** Of an upload: the digest of its archive. */
    sha: text().notNull(),
    ref: text().notNull(),
    message: text().notNull().default(''),
    author: text().notNull().default(''),
    state: text({
      enum: buildStates,
    })
      .notNull()
      .default('queued'),
    /** What discovery found, in order of name; set once, when the build is published. */
    manifest: jsonb().$type<Manifest>(),
    /** Why it failed: code, message, annotations (builds/failure.ts). */
    failure: jsonb().$type<unknown>(),
    installCached: boolean(),
    /** When it entered each stage, in order; of the last try. */
    stages: jsonb().$type<{ stage: string; at: string }[]>().notNull().default([]),
    /** Which builder made it: its channel, and the version of the program. */
    builder: jsonb().$type<BuiltBy>(),
    /** Folders and files it was made of, and the digest of their content in the commit (builds/scope/scope.ts). */
    scope: jsonb().$type<string[]>(),
    contentDigest: text(),
    /** Of one that was not built because nothing it is made of had changed: the build whose result stands. */
    sameAsBuildId: uuid().references((): AnyPgColumn => builds.id),
    /** Of one that nobody built: the build of another environment whose artifacts it consists of. */
    promotedFromId: uuid().references((): AnyPgColumn => builds.id),
    /** How often a builder began it: more than once after a crash, or after a failure that was not the code's. */
    tries: integer().notNull().default(0),
    createdAt: createdAt(),
    startedAt: at(),
    finishedAt: at(),
  },
  table => [
    unique('builds_number').on(table.environmentId, table.number),
    // admission: at most one build of a commit is under way in an environment
    uniqueIndex('builds_under_way').on(table.environmentId, table.sha).where(sql`finished_at is null`),
    // admission and watchdog: what is under way in an environment
    index('builds_unfinished').on(table.environmentId, table.createdAt).where(sql`finished_at is null`),
    oneOf('builds_state', 'state', buildStates),
    oneOf('builds_kind', 'kind', buildKinds),
    check(
      'builds_finished',
      sql`(finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled', 'superseded', 'unchanged'))`,
    ),
    check('builds_succeeded_has_manifest', sql`state <> 'succeeded' or manifest is not null`),
    check('builds_unchanged_has_other', sql`(state = 'unchanged') = (same_as_build_id is not null)`),
  ],
)

/** Of the builds and functions of a repository's environments; sealed with the master key (sealed.ts), never shown again. */
export const variables = pgTable(
  'variables',
  {
    id: id(),
    repositoryId: githubId()
      .notNull()
      .references(() => repositories.id),
    /** Null: all environments of the repository. */
    environmentId: uuid().references(() => environments.id),
    name: text().notNull(),
    scope: text({ enum: variableScopes }).notNull(),
    sealed: text().notNull(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  table => [
    // builds and runs: what an environment's processes are given
    unique('variables_name').on(table.repositoryId, table.environmentId, table.name).nullsNotDistinct(),
    oneOf('variables_scope', 'scope', variableScopes),
  ],
)

export const buildLogs = pgTable(
  'build_logs',
  {
    buildId: uuid()
      .notNull()
      .references(() => builds.id, { onDelete: 'cascade' }),
    sequence: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
    at: createdAt(),
    stage: text().notNull(),
    line: text().notNull(),
  },
  // report and console: a build's log in order
  table => [primaryKey({ columns: [table.buildId, table.sequence] })],
)
