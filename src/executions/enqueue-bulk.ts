// Accepts many calls of one environment in one commit, all or none: once this resolves, each is stored and will not be lost.
// Like enqueue.ts it wakes nobody by itself.
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import { insertCalls, unknownNames } from './bulk-store.ts'
import type { Enqueue } from './enqueue.ts'

export type Call = Pick<Enqueue, 'functionName' | 'arguments' | 'metadata' | 'scheduleFor' | 'discardAfter'>

/** The ids, in the order of the calls. @throws AppError `not_found`, details { functionNames }. */
export async function enqueueBulk(core: Core, environmentId: string, calls: Call[]): Promise<string[]> {
  if (calls.length === 0) return []
  const ids = await insertCalls(
    core.db,
    environmentId,
    calls.map(call => ({
      functionName: call.functionName,
      arguments: JSON.stringify(call.arguments),
      metadata: call.metadata ?? {},
      scheduleFor: call.scheduleFor ?? null,
      discardAfter: call.discardAfter ?? null,
    })),
  )
  if (ids.length === calls.length) return ids
  const names = calls.map(call => call.functionName)
  const functionNames = await unknownNames(core.db, environmentId, names)
  throw new AppError(
    'not_found',
    `None of the calls was stored, since there is no function named ${functionNames.map(name => `"${name}"`).join(', ')} in this environment.`,
    { functionNames },
  )
}
