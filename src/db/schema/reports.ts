// Commands from comments, the events of everything that happened, and what was reported of it.
import { sql } from 'drizzle-orm'
import {
  bigint,
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
import { at, commandStates, createdAt, eventVias, githubId, id, oneOf, sequence } from './columns.ts'
import { builds, repositories } from './environments.ts'

export const commands = pgTable(
  'commands',
  {
    id: id(),
    repositoryId: githubId()
      .notNull()
      .references(() => repositories.id),
    /** Null: it was no comment, but a button. */
    commentId: githubId(),
    /** Which of the comment's commands, from 0. */
    position: integer().notNull(),
    /** Null: a button on the check of a branch, or a comment on a commit. */
    issueNumber: integer(),
    /** The commit that the comment stands on; null: it stands on an issue or a pull request. */
    commitSha: text(),
    /** Of a button: the build on whose check it stands, and the delivery that told of it. */
    buildId: uuid().references(() => builds.id),
    deliveryId: text(),
    isPull: boolean().notNull(),
    isOpen: boolean().notNull(),
    line: text().notNull(),
    actor: text().notNull(),
    commentedAt: at().notNull(),
    state: text({ enum: commandStates }).notNull().default('received'),
    reasonCode: text(),
    reply: text(), // Markdown
    createdAt: createdAt(),
    finishedAt: at(),
  },
  table => [
    // the same comment under two deliveries is one command; comments on commits are numbered apart
    uniqueIndex('commands_comment').on(table.commentId, table.position).where(sql`commit_sha is null`),
    uniqueIndex('commands_commit_comment')
      .on(table.commentId, table.position)
      .where(sql`commit_sha is not null`),
    // a press delivered twice is one command
    unique('commands_delivery').on(table.deliveryId),
    // check: what the newest button on it came to
    index('commands_build').on(table.buildId, table.createdAt).where(sql`build_id is not null`),
    check(
      'commands_comment_or_button',
      sql`(comment_id is null) = (build_id is not null and delivery_id is not null)`,
    ),
    check('commands_commit', sql`commit_sha is null or (comment_id is not null and issue_number is null)`),
    oneOf('commands_state', 'state', commandStates),
    check('commands_finished', sql`(finished_at is null) = (state = 'received')`),
  ],
)

export const events = pgTable(
  'events',
  {
    id: sequence().primaryKey(),
    type: text().notNull(),
    repositoryId: githubId().notNull(),
    environmentId: uuid(),
    buildId: uuid(),
    functionId: uuid(),
    actor: text(),
    /** Through what it was asked for; null: nobody asked, it followed from something else. */
    via: text({ enum: eventVias }),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: createdAt(),
  },
  // console and audit: what happened in an environment, newest first
  table => [index('events_environment').on(table.environmentId, table.id)],
)

/**
 * One row a thing we keep up to date outside: a check run, a deployment, a comment, a Slack message. `wanted` rises in
 * the transaction of every change; the reporter brings `written` up to it. The row lock orders them, so none is lost.
 */
export const reports = pgTable(
  'reports',
  {
    id: id(),
    kind: text().notNull(),
    subject: text().notNull(),
    wanted: bigint({ mode: 'number' }).notNull().default(1),
    written: bigint({ mode: 'number' }).notNull().default(0),
    /** Ids on the other side, and hashes of what was last written there. */
    remote: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    error: text(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  table => [
    unique('reports_subject').on(table.kind, table.subject),
    // sweep: what was changed and not yet written
    index('reports_behind').on(table.updatedAt).where(sql`written < wanted`),
  ],
)
