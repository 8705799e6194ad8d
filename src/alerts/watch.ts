// Watches what fails: every few seconds one of the processes counts what has finished since, and tells of functions that begin to
// fail or work again. What it tells and how far it has counted is one transaction: nothing is told twice, or never.
import { randomUUID } from 'node:crypto'
import type { Tx } from '../db/client.ts'
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import {
  type Candidate,
  closeAlert,
  currentIncident,
  failuresWithin,
  findCandidates,
  noteAlert,
  openAlert,
} from './alerts-store.ts'
import {
  countFailures,
  type Ended,
  endedIn,
  nextSlice,
  progressed,
  type Sample,
  samplesOf,
} from './count-store.ts'
import { type Change, decide } from './decision.ts'
import { addErrors } from './errors.ts'

const intervalMs = 5_000
const marginMs = 1_000

export function createAlertWatch(core: Core, log: Log): Service {
  return every('alerts', intervalMs, log, () => watchFailures(core))
}

/** One round. `margin`: see nextSlice. */
export function watchFailures(core: Core, margin = marginMs): Promise<void> {
  return core.db.transaction(async tx => {
    const slice = await nextSlice(tx, margin)
    if (!slice) return
    const ended = await endedIn(tx, slice)
    await countFailures(tx, slice)
    const failing = [...new Set(ended.filter(one => one.failed > 0).map(one => one.functionId))]
    const samples = Map.groupBy(await samplesOf(tx, slice, failing), one => one.functionId)
    const byFunction = Map.groupBy(ended, one => one.functionId)
    const incidents = new Map<string, string>()
    for (const candidate of await findCandidates(tx, failing)) {
      const { functionId } = candidate
      const lately = together(byFunction.get(functionId) ?? [], candidate)
      const round = { tx, core, until: slice.until, incidents, samples: samples.get(functionId) ?? [] }
      await judge(round, candidate, lately)
    }
    await progressed(tx, slice)
  })
}

interface Round {
  tx: Tx
  core: Core
  until: Date
  /** By environment: what begins in one round is one piece of news. */
  incidents: Map<string, string>
  samples: readonly Sample[]
}

interface Lately {
  failed: number
  lastFailedAt: Date | null
  lastSucceededAt: Date | null
}

/** Of all versions, since the last round and, where an alert is open, before. */
function together(ended: readonly Ended[], { alert }: Candidate): Lately {
  const latest = (times: (Date | null | undefined)[]) => {
    const known = times.flatMap(time => (time ? [time.getTime()] : []))
    return known.length > 0 ? new Date(Math.max(...known)) : null
  }
  return {
    failed: ended.reduce((sum, one) => sum + one.failed, 0),
    lastFailedAt: latest([alert?.lastFailedAt, ...ended.map(one => one.lastFailedAt)]),
    lastSucceededAt: latest([alert?.lastSucceededAt, ...ended.map(one => one.lastSucceededAt)]),
  }
}

async function judge(round: Round, candidate: Candidate, lately: Lately): Promise<void> {
  const { tx, until, samples } = round
  const { settings, alert } = candidate
  const wanted = settings.enabled && !candidate.preview
  const failed = await failuresWithin(tx, candidate, until, settings.windowSeconds)
  const standing = { ...lately, open: alert !== null, failed, gone: candidate.over || !wanted }
  const change = decide(standing, settings.failures)
  const errors = addErrors(alert?.errors ?? [], samples)
  if (alert) {
    const lastFailedAt = lately.lastFailedAt ?? alert.lastFailedAt
    await noteAlert(tx, alert.id, { ...lately, failed: alert.failed + lately.failed, lastFailedAt, errors })
  }
  if (change !== null)
    await tell(round, candidate, change, { failed, errors, lastFailedAt: lately.lastFailedAt })
}

interface Known {
  failed: number
  errors: ReturnType<typeof addErrors>
  lastFailedAt: Date | null
}

async function tell(
  round: Round,
  candidate: Candidate,
  change: Exclude<Change, null>,
  known: Known,
): Promise<void> {
  const { tx, core, until } = round
  const { alert, environmentId, functionId, activeVersionId: versionId } = candidate
  const incidentId = alert?.incidentId ?? (await incidentOf(round, environmentId))
  if (alert) await closeAlert(tx, alert.id, change === 'recovers' ? 'recovered' : 'gone')
  else if (versionId) {
    const { failed, errors, lastFailedAt } = known
    await openAlert(tx, {
      ...{ incidentId, environmentId, functionId, versionId, failed, errors },
      lastFailedAt: lastFailedAt ?? until,
    })
  }
  await core.append(tx, {
    type: alert ? 'function.recovered' : 'function.failing',
    repositoryId: candidate.repositoryId,
    environmentId,
    functionId,
    pullNumber: candidate.pullNumber,
    actor: 'sluice',
    data: { incidentId, ...(change === 'goes' ? { gone: true } : {}) },
  })
}

async function incidentOf({ tx, incidents }: Round, environmentId: string): Promise<string> {
  const id = incidents.get(environmentId) ?? (await currentIncident(tx, environmentId)) ?? randomUUID()
  incidents.set(environmentId, id)
  return id
}
