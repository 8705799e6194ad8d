// Lifts a pause of a function, or a pause, a drain and a rollback's pin of an environment. Once a pin is gone, the newest build that
// succeeded meanwhile goes live, in the same transaction. Held executions need no touch: the claim sees the overlay is gone.
import type { Tx } from '../db/client.ts'
import { normalAgain } from '../environments/drain-store.ts'
import type { Environment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { changeEnvironment, changeFunction, eventOf, type OnEither } from './change.ts'
import { hint, holdingOf, subjectOf } from './holding.ts'
import { code, codes } from './markdown.ts'
import { done, noop, type Outcome, refused } from './outcome.ts'
import { liftOverlay, overlaysInForce } from './overlays-store.ts'
import { releaseBuild } from './release.ts'
import { type FunctionRow, findBuild, listFunctions, newestSucceededBuild } from './store.ts'
import { countWaiting, waitingWords } from './waiting-store.ts'
import { warmBuild } from './warm-build.ts'

export async function resume(core: Core, request: OnEither): Promise<Outcome> {
  const { functionName } = request
  if (functionName === null && !request.dryRun) await warmNewest(core, request.environmentId)
  return functionName === null
    ? changeEnvironment(core, request, (tx, environment) =>
        resumeEnvironment(tx, core, environment, request.actor),
      )
    : changeFunction(core, { ...request, functionName }, (tx, environment, one) =>
        resumeFunction(tx, core, environment, one, request.actor),
      )
}

/** What goes live once the pin is lifted. */
async function warmNewest(core: Core, environmentId: string): Promise<void> {
  const overlays = await overlaysInForce(core.db, environmentId)
  if (!overlays.some(one => one.kind === 'pin')) return
  const newest = await newestSucceededBuild(core.db, environmentId)
  if (newest?.manifest) await warmBuild(core, environmentId, newest.manifest)
}

async function resumeFunction(
  tx: Tx,
  core: Core,
  environment: Environment,
  one: FunctionRow,
  actor: string,
): Promise<Outcome> {
  const target = { environmentId: environment.id, functionId: one.id }
  const lifted = await liftOverlay(tx, { ...target, kind: 'pause', actor })
  const holding = holdingOf(environment, one, await overlaysInForce(tx, environment.id))
  const subject = subjectOf(environment, one)
  if (!lifted) {
    return holding
      ? refused(holding.code, `${subject} is not paused itself, but ${holding.message}`)
      : noop('not_paused', `${subject} is not paused.`)
  }
  const data = { name: one.name }
  await core.append(tx, eventOf(environment, actor, 'function.resumed', { functionId: one.id, data }))
  const waiting = waitingWords(await countWaiting(tx, target))
  return holding
    ? done('resumed_still_held', `${subject} is no longer paused itself (${waiting}), but ${holding.message}`)
    : done('resumed', `${subject} runs again; ${waiting} and will be run in order.`)
}

async function resumeEnvironment(
  tx: Tx,
  core: Core,
  environment: Environment,
  actor: string,
): Promise<Outcome> {
  const target = { environmentId: environment.id, functionId: null }
  const pause = await liftOverlay(tx, { ...target, kind: 'pause', actor })
  const pin = await liftOverlay(tx, { ...target, kind: 'pin', actor })
  const drained = await normalAgain(tx, environment.id)
  const paused = await pausedFunctions(tx, environment)
  if (!pause && !pin && !drained) {
    return paused.length === 0
      ? noop('nothing_in_force', `**${environment.name}** is neither paused, drained nor pinned.`)
      : refused(
          'only_functions_paused',
          `**${environment.name}** is neither paused, drained nor pinned itself. Paused in it: ${codes(paused)}; name one, as in ${hint('resume', environment, { name: paused[0] ?? '' })}.`,
        )
  }
  const said: string[] = []
  if (pause || drained) {
    await core.append(tx, eventOf(environment, actor, 'environment.resumed'))
    said.push(
      `**${environment.name}** runs again; ${waitingWords(await countWaiting(tx, target))} and will be run in order.`,
    )
  }
  if (pin) {
    await core.append(tx, eventOf(environment, actor, 'environment.unpinned'))
    said.push(await releaseNewest(tx, core, environment, actor))
  }
  if (paused.length > 0) said.push(`Still paused themselves: ${codes(paused)}.`)
  return done('resumed', said.join(' '))
}

async function pausedFunctions(tx: Tx, environment: Environment): Promise<string[]> {
  const inForce = await overlaysInForce(tx, environment.id)
  const ids = new Set(inForce.filter(one => one.kind === 'pause').map(one => one.functionId))
  return (await listFunctions(tx, environment.id)).filter(one => ids.has(one.id)).map(one => one.name)
}

/** Also when the newest is live already: a rollback of one function may have left that function at an earlier version. */
async function releaseNewest(tx: Tx, core: Core, environment: Environment, actor: string): Promise<string> {
  const lifted = `The pin of **${environment.name}** is lifted: pushes go live again.`
  const newest = await newestSucceededBuild(tx, environment.id)
  if (!newest) return `${lifted} No build has succeeded yet.`
  const request = { environmentId: environment.id, buildId: newest.id, kind: 'resume' as const, actor }
  const released = await releaseBuild(tx, core, request)
  if (released.kind === 'activated')
    return `${lifted} Build ${newest.number} (${code(newest.sha.slice(0, 7))}) is live now.`
  const live = environment.activeBuildId ? await findBuild(tx, environment.activeBuildId) : null
  return live ? `${lifted} Build ${live.number} (${code(live.sha.slice(0, 7))}) stays live.` : lifted
}
