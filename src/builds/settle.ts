// A build's way through its states, as verbs: one guarded update and its event in one transaction. Each resolves to
// whether it happened: not, when somebody else finished the build first (superseded, cancelled, a second worker).
import { crashPoint } from '../crash-point.ts'
import { lockEnvironment } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import type { Event, EventType } from '../events/types.ts'
import { announceSwitch } from '../functions/announce-switch.ts'
import { releaseBuild } from '../functions/release.ts'
import { releaseOne } from '../functions/release-one.ts'
import { warmDeploy } from '../functions/warm-build.ts'
import type { BuiltBy } from './channel.ts'
import type { Failure } from './failure.ts'
import type { Stage } from './states.ts'
import { beginTry, enterStage, markFailed, markSucceeded, type Order, type Result } from './store.ts'

/** Resolves to how often the build was begun, this time included; null: it is finished. */
export function begin(core: Core, order: Order, builder: BuiltBy): Promise<number | null> {
  return core.db.transaction(async tx => {
    const tries = await beginTry(tx, order.buildId, builder)
    if (tries !== null)
      await core.append(tx, about(order, 'build.progressed', { state: 'fetching', try: tries }))
    return tries
  })
}

export function progress(core: Core, order: Order, stage: Stage): Promise<boolean> {
  return core.db.transaction(async tx => {
    const entered = await enterStage(tx, order.buildId, stage)
    if (entered) await core.append(tx, about(order, 'build.progressed', { state: stage }))
    return entered
  })
}

export async function succeed(core: Core, order: Order, result: Result): Promise<boolean> {
  if (!order.upload) await warmDeploy(core, order.environment.id, result.manifest)
  const succeeded = await core.db.transaction(async tx => {
    // The environment's lock comes first, as at admission: the other order would wait for each other for ever.
    await lockEnvironment(tx, order.environment.id)
    if (!(await markSucceeded(tx, order.buildId, result))) return false
    await core.append(tx, about(order, 'build.succeeded', { functions: result.manifest.length }))
    const { buildId, environment, upload } = order
    if (upload) {
      await releaseOne(tx, core, { environmentId: environment.id, buildId, ...upload }, result.manifest)
      return true
    }
    await releaseBuild(tx, core, {
      environmentId: environment.id,
      buildId,
      kind: 'deploy',
      actor: 'push',
    })
    crashPoint('build.releasing')
    return true
  })
  crashPoint('build.released')
  if (succeeded) await announceSwitch(core.pool, order.environment.id)
  return succeeded
}

export function fail(core: Core, order: Order, failure: Failure): Promise<boolean> {
  return core.db.transaction(async tx => {
    const failed = await markFailed(tx, order.buildId, failure)
    if (failed) await core.append(tx, about(order, 'build.failed', { code: failure.code }))
    return failed
  })
}

function about(order: Order, type: EventType, data: Record<string, unknown>): Event {
  return {
    type,
    repositoryId: order.repository.id,
    environmentId: order.environment.id,
    // No report shows what was uploaded: there is no commit for it.
    ...(order.upload
      ? { functionId: order.upload.functionId, data: { ...data, buildId: order.buildId } }
      : { buildId: order.buildId, data }),
    pullNumber: order.environment.pullNumber,
    actor: 'sluice',
  }
}
