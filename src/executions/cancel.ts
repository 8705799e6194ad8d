// Cancels an execution: before its start at once; a started one only by force, by way of `aborting`: its worker learns of it
// by notification, or by asking within a second, ends the process and settles it as aborted.
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import { cancellationOf, type State } from './states.ts'
import {
  aborting,
  cancelled,
  type Execution,
  type ExecutionKey,
  findExecution,
  lockExecution,
} from './store.ts'
import { announceAbort } from './wake.ts'

export type CancelResult =
  | { kind: 'cancelled' | 'aborting'; execution: Execution }
  | { kind: 'already_aborting' }
  | { kind: 'not_found' }
  | { kind: 'refused'; state: State }

export async function cancel(core: Core, key: ExecutionKey & { force: boolean }): Promise<CancelResult> {
  const result = await core.db.transaction(async (tx): Promise<CancelResult> => {
    const state = await lockExecution(tx, key)
    if (state === null) return { kind: 'not_found' }
    const decision = cancellationOf(state, key.force)
    if (decision === 'already_aborting') return { kind: 'already_aborting' }
    if (decision === 'refuse') return { kind: 'refused', state }
    await (decision === 'cancel' ? cancelled(tx, key.id) : aborting(tx, key.id))
    const execution = await findExecution(tx, key)
    if (!execution) throw new AppError('internal', `Execution ${key.id} vanished while it was cancelled.`)
    return { kind: decision === 'cancel' ? 'cancelled' : 'aborting', execution }
  })
  if (result.kind === 'aborting') await announceAbort(core.db)
  return result
}
