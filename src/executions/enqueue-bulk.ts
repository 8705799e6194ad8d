// Accepts many calls of one environment in one commit, all or none: once this resolves, each is stored and will not be lost.
// Like enqueue.ts it wakes nobody by itself.
import { AppError } from '../errors.ts'
import { insertCalls, type NewCall, unknownNames } from './bulk-store.ts'
import type { Accepting, Enqueue } from './enqueue.ts'

export type Call = Omit<Enqueue, 'environmentId' | 'executedBy'>

/** The ids, in the order of the calls. @throws AppError `not_found`, details { functionNames }. */
export async function enqueueBulk(
  { db, payloads }: Accepting,
  environmentId: string,
  calls: Call[],
): Promise<string[]> {
  if (calls.length === 0) return []
  const stored: NewCall[] = []
  for (const call of calls)
    stored.push({
      functionName: call.functionName,
      arguments: await payloads.keep(JSON.stringify(call.arguments)),
      metadata: call.metadata ?? {},
      scheduleFor: call.scheduleFor ?? null,
      discardAfter: call.discardAfter ?? null,
      priority: call.priority ?? 0,
    })
  const ids = await insertCalls(db, environmentId, stored)
  if (ids.length === calls.length) return ids
  const names = calls.map(call => call.functionName)
  const functionNames = await unknownNames(db, environmentId, names)
  throw new AppError(
    'not_found',
    `None of the calls was stored, since there is no function named ${functionNames.map(name => `"${name}"`).join(', ')} in this environment. Mend the names and send all of them again.`,
    { functionNames },
  )
}
