// Cancels everything of a function that has not started, inside the caller's transaction: the last step of a deletion.
import type { Tx } from '../db/client.ts'
import type { Finished } from './finish-store.ts'
import type { Payloads } from './payloads.ts'
import { cancelledOf } from './store.ts'

/** Hands back what is stored of them. The caller holds the function's row `for update`. */
export function cancelQueuedOf(tx: Tx, functionId: string, reason: string): Promise<Finished[]> {
  return cancelledOf(tx, functionId, JSON.stringify({ name: 'CancelledError', message: reason }))
}

/** What functions/ needs for deletions (its ports.ts): with the arguments themselves, for the tombstone. */
export const heldExecutions = (payloads: Payloads) => ({
  async cancelAll(tx: Tx, functionId: string): Promise<Finished[]> {
    const cancelled = await cancelQueuedOf(tx, functionId, 'Its function was deleted.')
    const whole: Finished[] = []
    for (const one of cancelled) whole.push({ ...one, arguments: await payloads.read(one.arguments) })
    return whole
  },
})
