// Archives a function by hand: it goes on accepting executions and holds them, its cron rests, and, unlike one that left the
// code, no deploy brings it back. Only `restore` does.
import type { Core } from '../events/outbox.ts'
import { changeFunction, eventOf, type OnFunction } from './change.ts'
import { haltStarts } from './halt-starts.ts'
import { hint, subjectOf } from './holding.ts'
import { done, noop, type Outcome, refused } from './outcome.ts'
import { setArchived } from './store.ts'
import { countWaiting, waitingWords } from './waiting-store.ts'

export function archive(core: Core, request: OnFunction): Promise<Outcome> {
  return changeFunction(core, request, async (tx, environment, one) => {
    const subject = subjectOf(environment, one)
    if (one.state === 'pending_deletion')
      return refused(
        'pending_deletion',
        `${subject} waits for its deletion. To keep it, first ${hint('cancel-deletion', environment, one)}.`,
      )
    if (one.archivedAt) return noop('already_archived', `${subject} is already archived.`)
    await setArchived(tx, one.id, 'by_hand')
    const data = { name: one.name, because: 'by_hand' }
    await core.append(
      tx,
      eventOf(environment, request.actor, 'function.archived', { functionId: one.id, data }),
    )
    const waiting = waitingWords(
      await countWaiting(tx, { environmentId: environment.id, functionId: one.id }),
    )
    await haltStarts(tx, core.pool, { environmentId: environment.id, functionIds: [one.id] })
    return done(
      'archived',
      `${subject} is archived. Executions are still accepted and held (${waiting}), its cron rests, and no deploy brings it back. To bring it back: ${hint('restore', environment, one)}.`,
    )
  })
}
