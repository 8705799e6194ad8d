// Moves an execution that has not started, or that waits for its next try, to another time.
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { State } from './states.ts'
import { type Execution, type ExecutionKey, findExecution, lockExecution, rescheduled } from './store.ts'

export type RescheduleResult =
  | { kind: 'rescheduled'; execution: Execution }
  | { kind: 'not_found' }
  | { kind: 'refused'; state: State }

export function reschedule(core: Core, key: ExecutionKey & { scheduleFor: Date }): Promise<RescheduleResult> {
  return core.db.transaction(async tx => {
    const state = await lockExecution(tx, key)
    if (state === null) return { kind: 'not_found' }
    if (state !== 'queued') return { kind: 'refused', state }
    await rescheduled(tx, key.id, key.scheduleFor)
    const execution = await findExecution(tx, key)
    if (!execution) throw new AppError('internal', `Execution ${key.id} vanished while it was rescheduled.`)
    return { kind: 'rescheduled', execution }
  })
}
