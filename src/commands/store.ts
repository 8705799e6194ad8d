// SQL of commands: one row each command of a comment, from when it was read until it is answered.
import { and, asc, desc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { buildLogs, builds, commands, environments } from '../db/schema.ts'

export type CommandRow = typeof commands.$inferSelect
type NewCommand = Pick<
  CommandRow,
  | 'repositoryId'
  | 'commentId'
  | 'position'
  | 'issueNumber'
  | 'commitSha'
  | 'isPull'
  | 'isOpen'
  | 'line'
  | 'actor'
  | 'commentedAt'
>

/** Those that were not there yet, in order: the same comment may be delivered many times. */
export async function insertCommands(tx: Tx, rows: NewCommand[]): Promise<CommandRow[]> {
  if (rows.length === 0) return []
  const inserted = await tx.insert(commands).values(rows).onConflictDoNothing().returning()
  return inserted.sort((a, b) => a.position - b.position)
}

type NewPress = Pick<CommandRow, 'repositoryId' | 'issueNumber' | 'buildId' | 'deliveryId' | 'line' | 'actor'>

/** Null: this delivery was stored before. */
export async function insertPressed(tx: Tx, row: NewPress): Promise<string | null> {
  const [inserted] = await tx
    .insert(commands)
    .values({ ...row, position: 0, isPull: false, isOpen: true, commentedAt: sql`now()` })
    .onConflictDoNothing({ target: commands.deliveryId })
    .returning({ id: commands.id })
  return inserted?.id ?? null
}

export interface Waiting {
  row: CommandRow
  ageSeconds: number
}

/** Null: it is answered already. */
export async function findReceived(db: Db | Tx, id: string): Promise<Waiting | null> {
  const ageSeconds = sql<number>`extract(epoch from now() - ${commands.createdAt})::float8`
  const [found] = await db
    .select({ row: commands, ageSeconds })
    .from(commands)
    .where(and(eq(commands.id, id), eq(commands.state, 'received')))
  return found ?? null
}

/** Whoever holds it carries the command out; the others find it answered. */
export async function lockReceived(tx: Tx, id: string): Promise<{ row: CommandRow; now: Date } | null> {
  const [row] = await tx
    .select()
    .from(commands)
    .where(and(eq(commands.id, id), eq(commands.state, 'received')))
    .for('update')
  if (!row) return null
  const [clock] = await tx.execute<{ now: string }>(sql`select now() as now`)
  return { row, now: new Date(clock?.now ?? Date.now()) }
}

type Answer = Pick<CommandRow, 'state' | 'reasonCode' | 'reply'>

export async function answerCommand(tx: Tx, id: string, answer: Answer): Promise<void> {
  await tx
    .update(commands)
    .set({ ...answer, finishedAt: sql`now()` })
    .where(and(eq(commands.id, id), eq(commands.state, 'received')))
}

/** The next of the same comment: they are carried out one after another, in the order they were written. */
export async function nextOfComment(
  tx: Tx,
  { commentId, commitSha }: Pick<CommandRow, 'commentId' | 'commitSha'>,
): Promise<CommandRow | null> {
  if (commentId === null) return null
  const [row] = await tx
    .select()
    .from(commands)
    .where(and(ofComment(commentId, commitSha), eq(commands.state, 'received')))
    .orderBy(asc(commands.position))
    .limit(1)
  return row ?? null
}

/** Comments on commits have numbers of their own. */
export function ofComment(commentId: number, commitSha: string | null) {
  const where = commitSha === null ? isNull(commands.commitSha) : isNotNull(commands.commitSha)
  return and(eq(commands.commentId, commentId), where)
}

/** How often this person was answered so in this issue within an hour. */
export async function countReplies(
  tx: Tx,
  { repositoryId, issueNumber, actor }: CommandRow,
  state: CommandRow['state'],
): Promise<number> {
  const here = issueNumber === null ? isNull(commands.issueNumber) : eq(commands.issueNumber, issueNumber)
  const [row] = await tx
    .select({ amount: sql<number>`count(*)::int` })
    .from(commands)
    .where(
      and(
        eq(commands.repositoryId, repositoryId),
        here,
        eq(sql`lower(${commands.actor})`, actor.toLowerCase()),
        eq(commands.state, state),
        isNotNull(commands.reply),
        gt(commands.finishedAt, sql`now() - interval '1 hour'`),
      ),
    )
  return row?.amount ?? 0
}

/** The build on whose check a button was pressed, if it is one of this repository's. */
export async function findPressedBuild(
  db: Db | Tx,
  { repositoryId, buildId }: { repositoryId: number; buildId: string },
) {
  const { name: environment, pullNumber } = environments
  const [row] = await db
    .select({ number: builds.number, environment, pullNumber })
    .from(builds)
    .innerJoin(environments, eq(environments.id, builds.environmentId))
    .where(and(eq(builds.id, buildId), eq(environments.repositoryId, repositoryId)))
  return row ?? null
}

type Build = typeof builds.$inferSelect

/** Of the environment's own commits: what was promoted into it is none. */
export async function newestBuild(db: Db | Tx, environmentId: string): Promise<Build | null> {
  const [row] = await db
    .select()
    .from(builds)
    .where(
      and(eq(builds.environmentId, environmentId), eq(builds.kind, 'commit'), isNull(builds.promotedFromId)),
    )
    .orderBy(desc(builds.number))
    .limit(1)
  return row ?? null
}

/** In order. */
export async function lastLogLines(db: Db | Tx, buildId: string, limit: number): Promise<string[]> {
  const rows = await db
    .select({ line: buildLogs.line })
    .from(buildLogs)
    .where(eq(buildLogs.buildId, buildId))
    .orderBy(desc(buildLogs.sequence))
    .limit(limit)
  return rows.map(row => row.line).reverse()
}
