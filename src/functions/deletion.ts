// Schedules a deletion and takes it back. Until its grace has passed everything stays: executions are accepted and held, the
// code keeps its versions. Up to the last moment it can be cancelled; against the sweep the environment's lock decides.
import type { Tx } from '../db/client.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { changeFunction, eventOf, type OnFunction } from './change.ts'
import {
  cancelPendingDeletion,
  type Deletion,
  findLastDeleted,
  findPendingDeletion,
  scheduleDeletion,
} from './deletions-store.ts'
import { haltStarts } from './halt-starts.ts'
import { hint, holdingOf, subjectOf } from './holding.ts'
import { atTime, code } from './markdown.ts'
import { done, noop, type Outcome, refused } from './outcome.ts'
import { overlaysInForce } from './overlays-store.ts'
import { afterCancelledDeletion } from './states.ts'
import type { FunctionRow } from './store.ts'
import { countWaiting, waitingWords } from './waiting-store.ts'

interface Request extends OnFunction {
  reason: Deletion['reason']
  graceSeconds: number
}

export function requestDeletion(core: Core, request: Request): Promise<Outcome> {
  return changeFunction(core, request, async (tx, environment, one) => {
    const { actor, reason, graceSeconds } = request
    const subject = subjectOf(environment, one)
    const keep = `To keep it: ${hint('cancel-deletion', environment, one)}.`
    const before = await findPendingDeletion(tx, one.id)
    if (before)
      return noop(
        'already_scheduled',
        `${subject} is already to be deleted, on ${atTime(before.executeAt)}. ${keep}`,
      )
    const deletion = await scheduleDeletion(tx, { functionId: one.id, reason, actor, graceSeconds })
    const data = { name: one.name, reason, executeAt: deletion.executeAt }
    await core.append(
      tx,
      eventOf(environment, actor, 'function.deletion_scheduled', { functionId: one.id, data }),
    )
    const waiting = waitingWords(
      await countWaiting(tx, { environmentId: environment.id, functionId: one.id }),
    )
    await haltStarts(tx, core.pool, { environmentId: environment.id, functionIds: [one.id] })
    return done(
      'deletion_scheduled',
      `${subject} will be deleted on ${atTime(deletion.executeAt)}. Until then executions are still accepted and held (${waiting}); then those held are cancelled and their payloads kept. ${keep}`,
    )
  })
}

export async function cancelDeletion(core: Core, request: OnFunction): Promise<Outcome> {
  const outcome = await changeFunction(core, request, (tx, environment, one) =>
    cancel(tx, core, environment, one, request.actor),
  )
  if (outcome.code !== 'no_such_function') return outcome
  const gone = await findLastDeleted(core.db, request.environmentId, request.functionName)
  return gone?.completedAt
    ? refused('already_deleted', tooLate(request.functionName, gone.completedAt))
    : outcome
}

async function cancel(
  tx: Tx,
  core: Core,
  environment: Environment,
  one: FunctionRow,
  actor: string,
): Promise<Outcome> {
  const subject = subjectOf(environment, one)
  const cancelled = await cancelPendingDeletion(tx, one, actor)
  if (!cancelled) return noop('not_scheduled', `${subject} is not going to be deleted.`)
  const data = { name: one.name }
  await core.append(
    tx,
    eventOf(environment, actor, 'function.deletion_cancelled', { functionId: one.id, data }),
  )
  const waiting = waitingWords(await countWaiting(tx, { environmentId: environment.id, functionId: one.id }))
  const kept = { ...one, state: afterCancelledDeletion(one.activeVersionId) }
  const holding = holdingOf(environment, kept, await overlaysInForce(tx, environment.id))
  return holding
    ? done('deletion_cancelled', `${subject} stays (${waiting}), but ${holding.message}`)
    : done('deletion_cancelled', `${subject} stays; ${waiting} and will be run in order.`)
}

function tooLate(name: string, at: Date): string {
  return `${code(name)} was deleted on ${atTime(at)}; that cannot be taken back. A deploy that has it in the code makes it anew.`
}
