// Prepares an environment for a breaking change, such as a migration of the database its functions use. Nothing of it begins any
// more; what is under way is told by its signal and has the grace to come to an end, then it is given back and spends no
// retry. When nothing is under way on any worker it is safe to stop. Executions are accepted and held all the while.
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import {
  countUnderWay,
  graceChanged,
  listDrained,
  preparingForStop,
  safeToStop,
} from '../environments/drain-store.ts'
import { type Environment, lockEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { changeEnvironment, eventOf, type OnEnvironment } from './change.ts'
import { haltStarts } from './halt-starts.ts'
import { hint } from './holding.ts'
import { count } from './markdown.ts'
import { done, noop, type Outcome } from './outcome.ts'
import { listFunctions } from './store.ts'

export interface Drain extends OnEnvironment {
  /** How long what is under way may go on; a function's own grace goes before. Null: a minute, or as it was said before. */
  graceSeconds: number | null
}

const defaultGraceSeconds = 60

export function drain(core: Core, request: Drain): Promise<Outcome> {
  return changeEnvironment(core, request, async (tx, environment) => {
    if (environment.mode !== 'normal') return again(tx, environment, request)
    const graceSeconds = request.graceSeconds ?? defaultGraceSeconds
    await preparingForStop(tx, environment.id, graceSeconds)
    await core.append(
      tx,
      eventOf(environment, request.actor, 'environment.draining', { data: { graceSeconds } }),
    )
    crashPoint('drain.preparing')
    const all = await listFunctions(tx, environment.id)
    const functionIds = all.map(one => one.id)
    await haltStarts(tx, core.pool, { environmentId: environment.id, functionIds })
    crashPoint('drain.halted')
    const underWay = await countUnderWay(tx, environment.id)
    if (underWay === 0) {
      await markSafe(core, tx, environment)
      return done('safe_to_stop', `**${environment.name}** is ${safe(environment)}`)
    }
    return done(
      'draining',
      `**${environment.name}** begins nothing any more. ${count(underWay, 'execution')} under way ${underWay === 1 ? 'was' : 'were'} told to come to an end within ${count(graceSeconds, 'second')}; what is not done by then runs again later. ${next(environment)}`,
    )
  })
}

async function again(tx: Tx, environment: Environment, { graceSeconds }: Drain): Promise<Outcome> {
  if (environment.mode === 'safe_to_stop')
    return noop('already_safe', `**${environment.name}** is already ${safe(environment)}`)
  if (graceSeconds === null || graceSeconds === environment.drainGraceSeconds)
    return noop('already_draining', `**${environment.name}** is already being drained. ${next(environment)}`)
  await graceChanged(tx, environment.id, graceSeconds)
  return done(
    'grace_changed',
    `What is under way in **${environment.name}** has ${count(graceSeconds, 'second')} from the beginning of its drain. ${next(environment)}`,
  )
}

/** Makes those safe to stop of which nothing is under way any more. Any number of processes may. */
export async function finishDrains(core: Core): Promise<void> {
  for (const { id } of await listDrained(core.db)) await finishDrain(core, id)
}

/** The drain's transaction waited for every claim, and none came after: what was not there is not coming. */
function finishDrain(core: Core, environmentId: string): Promise<void> {
  return core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, environmentId)
    if (environment.mode !== 'preparing_for_stop') return
    if ((await countUnderWay(tx, environmentId)) === 0) await markSafe(core, tx, environment)
  })
}

async function markSafe(core: Core, tx: Tx, environment: Environment): Promise<void> {
  await safeToStop(tx, environment.id)
  await core.append(tx, eventOf(environment, 'sluice', 'environment.safe_to_stop'))
  crashPoint('drain.safe')
}

function safe(environment: Environment): string {
  return `safe to stop: nothing of it is under way anywhere. Executions are accepted and held until ${hint('resume', environment)}.`
}

function next(environment: Environment): string {
  return `When it is safe to stop, ${hint('status', environment)} says so. To go on: ${hint('resume', environment)}.`
}
