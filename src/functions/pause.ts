// Pauses a function or a whole environment: one overlay row. Executions go on being accepted and wait, those under way finish,
// no execution's row is touched, and no deploy ends it: only `resume`, or the time it was given.
import type { Tx } from '../db/client.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { changeEnvironment, changeFunction, eventOf, type OnEither } from './change.ts'
import { haltStarts } from './halt-starts.ts'
import { hint, subjectOf } from './holding.ts'
import { atTime, code } from './markdown.ts'
import { done, noop, type Outcome, refused } from './outcome.ts'
import { hasPassed, type Overlay, overlaysInForce, putOverlay } from './overlays-store.ts'
import { type FunctionRow, listFunctions } from './store.ts'
import { countWaiting, waitingWords } from './waiting-store.ts'

interface Request extends OnEither {
  reason: string | null
  /** When it ends by itself; null: when somebody resumes. */
  until: Date | null
}

export function pause(core: Core, request: Request): Promise<Outcome> {
  const { functionName } = request
  return functionName === null
    ? changeEnvironment(core, request, (tx, environment) => put(tx, core, environment, null, request))
    : changeFunction(core, { ...request, functionName }, (tx, environment, one) =>
        put(tx, core, environment, one, request),
      )
}

async function put(
  tx: Tx,
  core: Core,
  environment: Environment,
  one: FunctionRow | null,
  request: Request,
): Promise<Outcome> {
  if (request.until !== null && (await hasPassed(tx, request.until)))
    return refused('until_past', 'A pause cannot end in the past. Give it a time to come.')
  const target = { environmentId: environment.id, functionId: one?.id ?? null }
  const inForce = await overlaysInForce(tx, environment.id)
  const before = inForce.find(it => it.kind === 'pause' && it.functionId === target.functionId) ?? null
  const wanted = { reason: request.reason ?? before?.reason ?? null, until: request.until }
  const subject = subjectOf(environment, one)
  if (before && sameContent(before, wanted))
    return noop('already_paused', `${subject} is already paused, by ${code(before.actor)}${details(wanted)}.`)

  await putOverlay(tx, { ...target, ...wanted, kind: 'pause', actor: request.actor })
  const data = { name: one?.name ?? environment.name, ...wanted }
  await core.append(
    tx,
    one
      ? eventOf(environment, request.actor, 'function.paused', { functionId: one.id, data })
      : eventOf(environment, request.actor, 'environment.paused', { data }),
  )
  const waiting = waitingWords(await countWaiting(tx, target))
  const functionIds = one ? [one.id] : (await listFunctions(tx, environment.id)).map(each => each.id)
  await haltStarts(tx, core.pool, { environmentId: environment.id, functionIds })
  return done(
    'paused',
    `${subject} is paused${details(wanted)}. Executions are still accepted and held (${waiting}); those under way finish. To go on: ${hint('resume', environment, one)}.`,
  )
}

/** Saying nothing about the reason keeps the one that was given before; saying nothing about the end means there is none. */
function sameContent(before: Overlay, wanted: Pick<Overlay, 'reason' | 'until'>): boolean {
  return before.reason === wanted.reason && before.until?.getTime() === wanted.until?.getTime()
}

function details({ reason, until }: Pick<Overlay, 'reason' | 'until'>): string {
  return `${until ? ` until ${atTime(until)}` : ''}${reason ? ` (${code(reason)})` : ''}`
}
