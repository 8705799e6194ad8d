// Carries out what life.ts decides, every minute, in any number of processes: each preview is looked at again under its lock,
// so that a push that comes in between keeps it, and only one of them closes it.
import { lockEnvironment } from '../../environments/store.ts'
import { messageOf } from '../../errors.ts'
import type { Core } from '../../events/outbox.ts'
import { announceSwitch } from '../../functions/announce-switch.ts'
import { eventOf } from '../../functions/change.ts'
import { closeWithin } from '../../functions/close.ts'
import type { Log } from '../../log.ts'
import { every, type Service } from '../../service.ts'
import { cancelBuilds } from '../admission/cancel.ts'
import { newestBuildId } from '../views/view-store.ts'
import { planPreviews, type Step } from './life.ts'
import { announceEviction, lastPush, liftEviction, listOpenPreviews } from './previews-store.ts'

interface Deps {
  core: Core
  log: Log
}

const intervalMs = 60_000

export function createPreviewSweep(deps: Deps): Service {
  return every('preview sweep', intervalMs, deps.log, () => sweepPreviews(deps))
}

/** One that fails is logged and tried again in the next round; the others go on. */
export async function sweepPreviews({ core, log }: Deps, at?: Date): Promise<void> {
  for (const { rules, now, previews } of await listOpenPreviews(core.db)) {
    for (const step of planPreviews(previews, rules, at ?? now)) {
      try {
        await carryOut(core, log, step, rules)
      } catch (error) {
        log.warn({ error, environment: step.id }, `preview ${step.id}: ${messageOf(error)}`)
      }
    }
  }
}

async function carryOut(core: Core, log: Log, step: Step, { limit }: { limit: number }): Promise<void> {
  if (step.step === 'close') return close(core, log, step, limit)
  await core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, step.id)
    const announces = step.step === 'announce'
    if (environment.closedAt) return
    if (!(announces ? await announceEviction(tx, step.id, step.evictAt) : await liftEviction(tx, step.id)))
      return
    const type = announces ? 'environment.eviction_announced' : 'environment.eviction_lifted'
    const data = announces ? { at: step.evictAt.toISOString(), limit } : {}
    // Also where nothing is live yet: the check and the comment are of its newest build.
    const buildId = await newestBuildId(tx, step.id)
    await core.append(tx, { ...eventOf(environment, 'sluice', type, { data }), buildId })
  })
}

async function close(
  core: Core,
  log: Log,
  { id, because, pushedAt }: Extract<Step, { step: 'close' }>,
  limit: number,
): Promise<void> {
  const reason =
    because === 'expired'
      ? `nothing was pushed since ${pushedAt.toISOString()}`
      : `more than ${limit} previews were open`
  const result = await core.db.transaction(async tx => {
    await lockEnvironment(tx, id)
    const pushed = await lastPush(tx, id)
    if (pushed && pushed > pushedAt) return 'was_pushed'
    return closeWithin(tx, core, { environmentId: id, actor: 'sluice', reason, because })
  })
  if (result !== 'closed') return
  await announceSwitch(core.pool, id)
  await cancelBuilds(core, id)
  log.info({ environment: id, because }, `preview ${id} closed: ${reason}`)
}
