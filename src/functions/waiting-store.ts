// How many executions wait, for messages to people. Reads the queue's rows, never writes them. Counting stops at a bound:
// a pause must be as quick over a million held executions as over none.
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { functions, liveExecutions } from '../db/schema.ts'
import { count } from './markdown.ts'

const bound = 10_000

/** Queued ones of a function, or of a whole environment: due now, later, or again after a retry. */
export async function countWaiting(
  db: Db | Tx,
  { environmentId, functionId }: { environmentId: string; functionId: string | null },
): Promise<number> {
  const ofEnvironment = db
    .select({ id: functions.id })
    .from(functions)
    .where(eq(functions.environmentId, environmentId))
  const target =
    functionId === null
      ? inArray(liveExecutions.functionId, ofEnvironment)
      : eq(liveExecutions.functionId, functionId)
  const waiting = db
    .select({ one: sql`1`.as('one') })
    .from(liveExecutions)
    .where(and(target, eq(liveExecutions.state, 'queued')))
    .limit(bound + 1)
    .as('waiting')
  const [row] = await db.select({ amount: sql<number>`count(*)::int` }).from(waiting)
  return row?.amount ?? 0
}

/** "3 executions wait", for the end of a sentence. */
export function waitingWords(amount: number): string {
  if (amount > bound) return `more than ${bound} executions wait`
  return `${count(amount, 'execution')} ${amount === 1 ? 'waits' : 'wait'}`
}
