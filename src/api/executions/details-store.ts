// SQL of one execution as people look at it: all of it but what may be large. Read only.
import { and, eq } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { executions, functions } from '../../db/schema.ts'
import { type ExecutionKey, executionColumns } from '../../executions/store.ts'

export type ExecutionDetails = NonNullable<Awaited<ReturnType<typeof findDetails>>>

const isIt = ({ environmentId, id }: ExecutionKey) =>
  and(eq(executions.id, id), eq(executions.environmentId, environmentId))

export async function findDetails(db: Db, key: ExecutionKey) {
  const { metadata, executedBy, rerunOf, attempt, attempts, attemptReason, attemptStartedAt } = executions
  const { startedAt, finishedAt, error, errorCode } = executions
  const [row] = await db
    .select({
      ...executionColumns,
      ...{ metadata, executedBy, rerunOf, attempt, attempts, attemptReason, attemptStartedAt },
      ...{ startedAt, finishedAt, error, errorCode },
    })
    .from(executions)
    .innerJoin(functions, eq(functions.id, executions.functionId))
    .where(isIt(key))
  return row ?? null
}

/** As they are stored: JSON, or where it lies. */
export async function findPayload(db: Db, key: ExecutionKey) {
  const [row] = await db
    .select({ arguments: executions.arguments, result: executions.result })
    .from(executions)
    .where(isIt(key))
  return row ?? null
}
