// SQL of commands: one row each command of a comment, from when it was read until it is answered.
import { and, asc, desc, eq, gt, isNotNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { builds, commands } from '../db/schema.ts'

export type CommandRow = typeof commands.$inferSelect
type NewCommand = Pick<
  CommandRow,
  | 'repositoryId'
  | 'commentId'
  | 'position'
  | 'issueNumber'
  | 'isPull'
  | 'isOpen'
  | 'line'
  | 'actor'
  | 'commentedAt'
>

/** Those that were not there yet, in order: the same comment may be delivered many times. */
export async function insertCommands(tx: Tx, rows: NewCommand[]): Promise<CommandRow[]> {
  if (rows.length === 0) return []
  const inserted = await tx
    .insert(commands)
    .values(rows)
    .onConflictDoNothing({ target: [commands.commentId, commands.position] })
    .returning()
  return inserted.sort((a, b) => a.position - b.position)
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
export async function nextOfComment(tx: Tx, commentId: number): Promise<CommandRow | null> {
  const [row] = await tx
    .select()
    .from(commands)
    .where(and(eq(commands.commentId, commentId), eq(commands.state, 'received')))
    .orderBy(asc(commands.position))
    .limit(1)
  return row ?? null
}

/** How often this person was answered so in this issue within an hour. */
export async function countReplies(
  tx: Tx,
  { repositoryId, issueNumber, actor }: CommandRow,
  state: CommandRow['state'],
): Promise<number> {
  const [row] = await tx
    .select({ amount: sql<number>`count(*)::int` })
    .from(commands)
    .where(
      and(
        eq(commands.repositoryId, repositoryId),
        eq(commands.issueNumber, issueNumber),
        eq(sql`lower(${commands.actor})`, actor.toLowerCase()),
        eq(commands.state, state),
        isNotNull(commands.reply),
        gt(commands.finishedAt, sql`now() - interval '1 hour'`),
      ),
    )
  return row?.amount ?? 0
}

type Build = typeof builds.$inferSelect

export async function newestBuild(db: Db | Tx, environmentId: string): Promise<Build | null> {
  const [row] = await db
    .select()
    .from(builds)
    .where(eq(builds.environmentId, environmentId))
    .orderBy(desc(builds.number))
    .limit(1)
  return row ?? null
}
