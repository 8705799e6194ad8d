// Cancels everything of a function that has not started, inside the caller's transaction: the last step of a deletion.
import type { Tx } from '../db/client.ts'
import type { Finished } from './finish-store.ts'
import { cancelledOf } from './store.ts'

/** Hands back the payloads, for the tombstone. The caller holds the function's row `for update`. */
export function cancelQueuedOf(tx: Tx, functionId: string, reason: string): Promise<Finished[]> {
  return cancelledOf(tx, functionId, JSON.stringify({ name: 'CancelledError', message: reason }))
}

/** What functions/ needs for deletions (its ports.ts). */
export const heldExecutions = {
  cancelAll: (tx: Tx, functionId: string) => cancelQueuedOf(tx, functionId, 'Its function was deleted.'),
}
