// Brings an archived function back, whether it was archived by hand or left the code. Its held executions and its cron go on,
// on the last version it had.
import type { Tx } from '../db/client.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { changeFunction, eventOf, type OnFunction } from './change.ts'
import { hint, holdingOf, subjectOf } from './holding.ts'
import { done, noop, type Outcome, refused } from './outcome.ts'
import { overlaysInForce } from './overlays-store.ts'
import { findBuild, setArchived } from './store.ts'
import { countWaiting, waitingWords } from './waiting-store.ts'

export function restore(core: Core, request: OnFunction): Promise<Outcome> {
  return changeFunction(core, request, async (tx, environment, one) => {
    const subject = subjectOf(environment, one)
    if (one.state === 'pending_deletion')
      return refused(
        'pending_deletion',
        `${subject} waits for its deletion. To keep it: ${hint('cancel-deletion', environment, one)}.`,
      )
    if (!one.archivedAt) return noop('not_archived', `${subject} is not archived.`)
    if (!one.activeVersionId)
      return refused(
        'no_version',
        `${subject} never had a version, so there is nothing to run. Deploy it first.`,
      )
    await setArchived(tx, one.id, null)
    const data = { name: one.name }
    await core.append(
      tx,
      eventOf(environment, request.actor, 'function.restored', { functionId: one.id, data }),
    )
    const waiting = waitingWords(
      await countWaiting(tx, { environmentId: environment.id, functionId: one.id }),
    )
    const gone = (await isInLiveCode(tx, environment, one.name))
      ? ''
      : ' It is not in the live code: the next deploy archives it again unless it is put back.'
    const back = { ...one, archivedAt: null }
    const holding = holdingOf(environment, back, await overlaysInForce(tx, environment.id))
    return holding
      ? done('restored', `${subject} is no longer archived (${waiting}), but ${holding.message}${gone}`)
      : done('restored', `${subject} is back; ${waiting} and will be run in order.${gone}`)
  })
}

async function isInLiveCode(tx: Tx, environment: Environment, name: string): Promise<boolean> {
  const live = environment.activeBuildId ? await findBuild(tx, environment.activeBuildId) : null
  return live?.manifest?.some(found => found.name === name) ?? false
}
