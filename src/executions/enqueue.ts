// Accepts a call: once this resolves, the execution is stored and will not be lost. Wakes nobody by itself: whoever enqueues
// rings (wake.ts) after the commit, so that notifications neither hold up commits nor outnumber them.
import type { Db, Tx } from '../db/client.ts'
import { AppError } from '../errors.ts'
import type { Payloads } from './payloads.ts'
import { type Execution, insertExecution } from './store.ts'

export interface Enqueue {
  environmentId: string
  functionName: string
  arguments: unknown[]
  metadata?: Record<string, string>
  /** Default: now. */
  scheduleFor?: Date | null
  discardAfter?: Date | null
  /** Seconds: it is queued as if it had been made that much earlier, unless it is scheduled for later. */
  priority?: number
  executedBy?: 'api' | 'command'
}

export interface Accepting {
  db: Db | Tx
  payloads: Payloads
}

/** @throws AppError `not_found`, details { functionName }. */
export async function enqueue({ db, payloads }: Accepting, input: Enqueue): Promise<Execution> {
  const execution = await insertExecution(db, {
    environmentId: input.environmentId,
    functionName: input.functionName,
    arguments: await payloads.keep(JSON.stringify(input.arguments)),
    metadata: input.metadata ?? {},
    scheduleFor: input.scheduleFor ?? null,
    discardAfter: input.discardAfter ?? null,
    priority: input.priority ?? 0,
    executedBy: input.executedBy ?? 'api',
    rerunOf: null,
  })
  if (execution) return execution
  throw new AppError('not_found', `There is no function named "${input.functionName}" in this environment.`, {
    functionName: input.functionName,
  })
}
