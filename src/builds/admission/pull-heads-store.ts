// SQL of the heads of pull requests: appended as they are seen, never changed but for who approved one.
import { and, asc, desc, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../db/client.ts'
import { pullHeads } from '../../db/schema.ts'

export interface PullRef {
  repositoryId: number
  number: number
}

interface Seen extends PullRef {
  sha: string
  seenAt: Date
  restricted: boolean
}

const ofPull = ({ repositoryId, number }: PullRef) =>
  and(eq(pullHeads.repositoryId, repositoryId), eq(pullHeads.number, number))

/** Under the lock of the repository. Resolves to whether it is new; what was read before the newest was is not. */
export async function noteHead(tx: Tx, head: Seen): Promise<boolean> {
  const [newest] = await tx.select().from(pullHeads).where(ofPull(head)).orderBy(desc(pullHeads.id)).limit(1)
  if (newest && (newest.sha === head.sha || newest.seenAt > head.seenAt)) return false
  await tx.insert(pullHeads).values(head)
  return true
}

/**
 * The head that whoever wrote at this time could know of. GitHub counts seconds: one that came within the same second is
 * not known yet, unless the pull request began with it.
 */
export async function headAt(db: Db | Tx, pull: PullRef, when: Date): Promise<string | null> {
  const [known] = await db
    .select({ sha: pullHeads.sha })
    .from(pullHeads)
    .where(and(ofPull(pull), lt(pullHeads.seenAt, when)))
    .orderBy(desc(pullHeads.id))
    .limit(1)
  if (known) return known.sha
  const [first] = await db
    .select({ sha: pullHeads.sha, seenAt: pullHeads.seenAt })
    .from(pullHeads)
    .where(ofPull(pull))
    .orderBy(asc(pullHeads.id))
    .limit(1)
  return first && first.seenAt.getTime() <= when.getTime() ? first.sha : null
}

export async function isApproved(db: Db | Tx, pull: PullRef, sha: string): Promise<boolean> {
  const [row] = await db
    .select({ id: pullHeads.id })
    .from(pullHeads)
    .where(and(ofPull(pull), eq(pullHeads.sha, sha), isNotNull(pullHeads.approvedAt)))
    .limit(1)
  return row !== undefined
}

/** Whether this head is known as a stranger's. */
export async function isRestrictedHead(db: Db | Tx, pull: PullRef, sha: string): Promise<boolean> {
  const [row] = await db
    .select({ restricted: pullHeads.restricted })
    .from(pullHeads)
    .where(and(ofPull(pull), eq(pullHeads.sha, sha)))
    .orderBy(desc(pullHeads.id))
    .limit(1)
  return row?.restricted ?? false
}

/** Resolves to whether it was not approved before. */
export async function approveHead(tx: Tx, pull: PullRef, sha: string, approvedBy: string): Promise<boolean> {
  if (await isApproved(tx, pull, sha)) return false
  const rows = await tx
    .update(pullHeads)
    .set({ approvedBy, approvedAt: sql`now()` })
    .where(and(ofPull(pull), eq(pullHeads.sha, sha), isNull(pullHeads.approvedAt)))
    .returning({ id: pullHeads.id })
  return rows.length > 0
}
