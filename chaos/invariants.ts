// RELIABILITY.md section 2, I1 to I10, over what is known of a run. Pure. A violation names its ids; a duplicate is a start of
// user code after the first, and has a reason or is a violation.
import { type Duplicate, duplicatesOf } from './duplicates.ts'
import type { Facts } from './facts.ts'
import { overlapsOf } from './overlaps.ts'
import { limits } from './project.ts'
import { recoveriesOf } from './recovery.ts'
import { mostAtOnce, spansOf } from './spans.ts'
import type { AttemptRow } from './state-store.ts'

export interface Violation {
  invariant: string
  ids: string[]
}

export interface Verdict {
  violations: Violation[]
  lost: number
  stuck: number
  duplicates: Duplicate[]
  longestRecoveryMs: number
  finished: number
  /** Executions that ended because their worker vanished too often, as is promised. */
  givenUp: number
}

const leaseMs = 30_000
const progressWithinMs = 10_000
const stuckAfterMs = 40_000
const isFinished = (state: string) =>
  ['succeeded', 'failed', 'cancelled', 'aborted', 'discarded'].includes(state)

export function judge(facts: Facts): Verdict {
  const byId = new Map(facts.executions.map(one => [one.id, one]))
  const attempts = Map.groupBy(facts.attempts, one => one.executionId)
  const lost = facts.accepted.filter(one => !byId.has(one.id)).map(one => one.id)
  const unfinished = facts.executions
    .filter(one => !isFinished(one.state))
    .map(one => `${one.id} ${one.state}`)
  const duplicates = duplicatesOf(facts)
  const recoveries = recoveriesOf(facts)
  const slow = recoveries.filter(one => one.ms > stuckAfterMs)
  const found: Violation[] = [
    of('I1 accepted and lost', lost),
    of('I1 accepted and not finished', unfinished),
    of(
      'I2 there twice, as one that lives and as one that has finished',
      twice(facts.executions.map(one => one.id)),
    ),
    of('I2 finished, and changed afterwards', changedAfterTheEnd(facts)),
    of(
      'I2 several attempts succeeded',
      [...attempts].filter(([, all]) => succeeded(all) > 1).map(([id]) => id),
    ),
    of(
      'I3 attempts held it at the same time',
      [...attempts].filter(([, all]) => together(all)).map(([id]) => id),
    ),
    of('I3 its code ran twice at the same time', overlapsOf(facts)),
    of(
      'I4 an attempt without its reason',
      [...attempts].flatMap(([id, all]) => withoutReason(id, all)),
    ),
    of('I5 more at once than its limit', overLimit(facts)),
    of('I6 ran other code than its version', otherCode(facts)),
    of(
      'I7 longer without an owner than a lease and a sweep',
      slow.map(one => `${one.id} ${Math.round(one.ms / 100) / 10} s`),
    ),
    of(
      'I8 new work was not done in time after the last fault',
      facts.progressMs > progressWithinMs ? [`${facts.progressMs} ms`] : [],
    ),
    of('I8 the last push was not built', facts.lastCheck === 'success' ? [] : [facts.lastCheck]),
    of('I9 left behind', facts.left),
    of('I10 a secret was written', facts.leaks),
    of(
      'started again without a reason',
      duplicates.filter(one => !one.explained).map(one => `${one.id} ${one.reason}`),
    ),
    of('started before its time', tooEarly(facts)),
    of('started after its cancellation was accepted', afterCancellation(facts)),
    of(
      'R2 crash points never reached',
      facts.wantedPoints.filter(point => !facts.reached.has(point)),
    ),
    of('processes that ended by themselves', endedByThemselves(facts)),
  ]
  return {
    violations: found.filter(one => one.ids.length > 0),
    lost: lost.length,
    stuck: unfinished.length + slow.length,
    duplicates,
    longestRecoveryMs: Math.max(0, ...recoveries.map(one => one.ms)),
    finished: facts.executions.length - unfinished.length,
    givenUp: facts.executions.filter(one => one.error?.includes('WorkerLostError')).length,
  }
}

const of = (invariant: string, ids: string[]): Violation => ({ invariant, ids })

const succeeded = (all: AttemptRow[]) => all.filter(one => one.state === 'succeeded').length

function changedAfterTheEnd({ executions, seenFinished }: Facts): string[] {
  return executions
    .filter(one => seenFinished.has(one.id) && seenFinished.get(one.id) !== one.state)
    .map(one => `${one.id} was ${seenFinished.get(one.id)} and is ${one.state}`)
}

function together(all: AttemptRow[]): boolean {
  return all.some((one, index) => {
    const next = all[index + 1]
    return next !== undefined && (one.finishedMs === null || one.finishedMs > next.startedMs)
  })
}

const reasonAfter: Record<string, string> = {
  failed: 'retry',
  lost: 'lease_expired',
  interrupted: 'interrupted',
}

function withoutReason(id: string, all: AttemptRow[]): string[] {
  return all.flatMap((one, index) => {
    const before = all[index - 1]
    const expected = before ? reasonAfter[before.state] : 'first'
    if (one.number !== index + 1) return [`${id} has no attempt ${index + 1}`]
    if (one.reason !== expected) return [`${id} attempt ${one.number}: ${one.reason} after ${before?.state}`]
    const heldMs = (one.finishedMs ?? 0) - one.startedMs
    return one.state === 'lost' && heldMs < leaseMs
      ? [`${id} attempt ${one.number} lost after ${heldMs} ms`]
      : []
  })
}

/** By the ledger: a row's times are those of its transaction, which began a moment before the other's end was committed. */
function overLimit({ ledger, lives }: Facts): string[] {
  const spans = Map.groupBy(spansOf(ledger, lives), span => span.function)
  return Object.entries(limits).flatMap(([name, limit]) => {
    const most = mostAtOnce(spans.get(name) ?? [])
    return most > limit ? [`${name}: ${most} at once`] : []
  })
}

/** By the marker that the code told, against the commit of the version that the attempt was given. */
function otherCode(facts: Facts): string[] {
  const { ledger, commits } = facts
  const idOf = new Map(facts.executions.map(one => [one.key, one.id]))
  const attempts = Map.groupBy(facts.attempts, one => one.executionId)
  return ledger
    .filter(entry => entry.what === 'start')
    .filter(entry => {
      const all = attempts.get(idOf.get(entry.key) ?? '') ?? []
      return all.length > 0 && !all.some(one => one.sha === commits[entry.marker])
    })
    .map(entry => `${entry.key} ran marker ${entry.marker}`)
}

function tooEarly({ accepted, ledger }: Facts): string[] {
  const due = new Map(accepted.map(one => [one.key, one]))
  return ledger.flatMap(({ what, key, atMs }) => {
    const call = due.get(key)
    return what === 'start' && call?.delayMs != null && atMs < call.notBeforeMs ? [call.id] : []
  })
}

function afterCancellation({ accepted, ledger }: Facts): string[] {
  const cancelled = new Map(accepted.filter(one => one.cancelledAtMs !== null).map(one => [one.key, one]))
  return ledger.flatMap(({ what, key }) => {
    const call = cancelled.get(key)
    return what === 'start' && call ? [call.id] : []
  })
}

/** While PostgreSQL was away a process may fail to start; one that is up has to stay. */
function endedByThemselves({ lives }: Facts): string[] {
  return lives
    .filter(one => one.how === 'by itself' && one.upMs !== null)
    .map(one => `${one.slot} (process ${one.pid}) with ${one.code}`)
}

function twice(ids: readonly string[]): string[] {
  return [...Map.groupBy(ids, id => id)].filter(([, all]) => all.length > 1).map(([id]) => id)
}
