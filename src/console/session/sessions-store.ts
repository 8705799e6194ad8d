// SQL of who is signed in to the console, and of ways to GitHub that were begun. Of cookies and states only digests are stored.
import { and, eq, gt, lt, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { consoleLogins, consoleSessions } from '../../db/schema.ts'

export interface Person {
  /** GitHub's number of them. */
  userId: number
  login: string
}

const idle = sql`now() - interval '8 hours'`

export async function insertLogin(
  db: Db,
  login: Pick<typeof consoleLogins.$inferInsert, 'hash' | 'verifier' | 'next'>,
): Promise<void> {
  await db.insert(consoleLogins).values({ ...login, expiresAt: sql`now() + interval '10 minutes'` })
}

/** Whoever takes it has it; a second time there is none. */
export async function takeLogin(db: Db, hash: string): Promise<{ verifier: string; next: string } | null> {
  const [row] = await db
    .delete(consoleLogins)
    .where(and(eq(consoleLogins.hash, hash), gt(consoleLogins.expiresAt, sql`now()`)))
    .returning({ verifier: consoleLogins.verifier, next: consoleLogins.next })
  return row ?? null
}

export async function insertSession(db: Db, session: Person & { hash: string }): Promise<void> {
  await db.insert(consoleSessions).values({ ...session, expiresAt: sql`now() + interval '7 days'` })
}

/** Null: there is none, it is over, or nobody used it for eight hours. */
export async function findSession(db: Db, hash: string): Promise<Person | null> {
  const [row] = await db
    .select({ userId: consoleSessions.userId, login: consoleSessions.login })
    .from(consoleSessions)
    .where(
      and(
        eq(consoleSessions.hash, hash),
        gt(consoleSessions.expiresAt, sql`now()`),
        gt(consoleSessions.seenAt, idle),
      ),
    )
  return row ?? null
}

/** To the minute. */
export async function sessionUsed(db: Db, hash: string): Promise<void> {
  const isOld = lt(consoleSessions.seenAt, sql`now() - interval '1 minute'`)
  await db
    .update(consoleSessions)
    .set({ seenAt: sql`now()` })
    .where(and(eq(consoleSessions.hash, hash), isOld))
}

export async function deleteSession(db: Db, hash: string): Promise<void> {
  await db.delete(consoleSessions).where(eq(consoleSessions.hash, hash))
}

export async function deleteSessionsOf(db: Db, userId: number): Promise<void> {
  await db.delete(consoleSessions).where(eq(consoleSessions.userId, userId))
}

/** What is over. */
export async function sweepSessions(db: Db): Promise<void> {
  const over = or(lt(consoleSessions.expiresAt, sql`now()`), lt(consoleSessions.seenAt, idle))
  await db.delete(consoleSessions).where(over)
  await db.delete(consoleLogins).where(lt(consoleLogins.expiresAt, sql`now()`))
}
