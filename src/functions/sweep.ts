// What time alone brings about: deletions whose grace has passed are carried out, overlays whose end has come are lifted, drains
// are over. Any number of processes may sweep at once; each item is read again under its locks, so exactly one does it, or a
// cancel wins.
import { crashPoint } from '../crash-point.ts'
import { type Environment, lockEnvironment } from '../environments/store.ts'
import { messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import { eventOf } from './change.ts'
import {
  completeDeletion,
  type Deletion,
  type DueDeletion,
  hasRunningExecutions,
  isStillDue,
  listDueDeletions,
  lockFunctionToDelete,
} from './deletions-store.ts'
import { finishDrains } from './drain.ts'
import { liftExpiredOverlay, listExpiredOverlays, type Overlay } from './overlays-store.ts'
import type { ArtifactPut, HeldExecutions } from './ports.ts'
import type { FunctionRow } from './store.ts'

export interface SweepDeps {
  core: Core
  executions: HeldExecutions
  artifacts: ArtifactPut
  log: Log
}

const intervalMs = 1_000
const atOnce = 100

export function createSweep(deps: SweepDeps): Service {
  return every('function sweep', intervalMs, deps.log, signal => sweepOnce(deps, signal))
}

/** One that fails is logged and tried again in the next round; the others go on. */
export async function sweepOnce(deps: SweepDeps, signal?: AbortSignal): Promise<void> {
  for (const overlay of await listExpiredOverlays(deps.core.db, atOnce)) {
    if (signal?.aborted) return
    await attempt(deps, { overlay: overlay.id }, () => liftExpired(deps.core, overlay))
  }
  await attempt(deps, {}, () => finishDrains(deps.core))
  for (const due of await listDueDeletions(deps.core.db, atOnce)) {
    if (signal?.aborted) return
    await attempt(deps, { deletion: due.id }, () => carryOut(deps, due))
  }
}

async function attempt(deps: SweepDeps, about: Record<string, string>, work: () => Promise<unknown>) {
  await work().catch(error => {
    deps.log.warn({ error, ...about }, `sweep: will be tried again: ${messageOf(error)}`)
  })
}

export function liftExpired(core: Core, overlay: Overlay): Promise<'lifted' | 'was_lifted'> {
  return core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, overlay.environmentId)
    const lifted = await liftExpiredOverlay(tx, overlay.id)
    if (!lifted) return 'was_lifted'
    const data = { because: 'until', until: lifted.until }
    await core.append(
      tx,
      lifted.functionId
        ? eventOf(environment, 'sluice', 'function.resumed', { functionId: lifted.functionId, data })
        : eventOf(environment, 'sluice', 'environment.resumed', { data }),
    )
    return 'lifted'
  })
}

/** "waits": something of the function still runs; it is deleted once that has ended. */
export async function carryOut(
  deps: SweepDeps,
  due: DueDeletion,
): Promise<'deleted' | 'cancelled' | 'waits'> {
  const { core, executions, artifacts } = deps
  const came = await core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, due.environmentId)
    const one = await lockFunctionToDelete(tx, due.functionId)
    const deletion = await isStillDue(tx, due.id)
    if (!deletion) return 'cancelled'
    if (await hasRunningExecutions(tx, one.id)) return 'waits'
    const held = await executions.cancelAll(tx, one.id)
    crashPoint('purge.cancelled')
    // Before the commit: a payload may be kept twice after a crash, but is never lost. Content decides the digest.
    const tombstone = await artifacts.put(tombstoneOf(environment, one, deletion, held))
    crashPoint('purge.tombstone')
    await completeDeletion(tx, deletion, tombstone)
    const data = { name: one.name, reason: deletion.reason, cancelled: held.length, tombstone }
    await core.append(tx, eventOf(environment, 'sluice', 'function.deleted', { functionId: one.id, data }))
    crashPoint('purge.before_commit')
    return 'deleted'
  })
  if (came === 'deleted') crashPoint('purge.after_commit')
  return came
}

/** JSON lines: the function first, then one line an execution that was held. */
export function tombstoneOf(
  environment: Pick<Environment, 'id' | 'name'>,
  one: Pick<FunctionRow, 'id' | 'name'>,
  deletion: Pick<Deletion, 'id' | 'reason' | 'actor' | 'createdAt'>,
  held: readonly { id: string; arguments: string }[],
): Uint8Array {
  const about = {
    function: { id: one.id, name: one.name },
    environment: { id: environment.id, name: environment.name },
    deletion: {
      id: deletion.id,
      reason: deletion.reason,
      actor: deletion.actor,
      requested_at: deletion.createdAt,
    },
    executions: held.length,
  }
  const lines = [about, ...held].map(line => JSON.stringify(line))
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}
