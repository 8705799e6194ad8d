// How long executions were without a live owner: from the end of the worker that held them (or from when it stood still) until
// they were given back. Not counted is the time in which nobody could: PostgreSQL was away, or no worker was up. Pure.
import type { Facts } from './facts.ts'

export interface Recovery {
  id: string
  ms: number
}

interface Interval {
  fromMs: number
  toMs: number
}

export function recoveriesOf(facts: Facts): Recovery[] {
  const lives = new Map(facts.lives.map(one => [one.pid, one]))
  const helpless = outagesOf(facts)
  return facts.attempts.flatMap(one => {
    if (one.state !== 'lost' || one.finishedMs === null) return []
    const toMs = one.finishedMs
    const life = lives.get(one.workerPid)
    const stood = life?.frozen.find(frozen => frozen.fromMs < toMs && frozen.toMs > one.startedMs)
    const fromMs = Math.max(one.startedMs, stood?.fromMs ?? life?.endedMs ?? one.startedMs)
    return [{ id: one.executionId, ms: Math.max(0, toMs - fromMs - within(helpless, { fromMs, toMs })) }]
  })
}

/** When PostgreSQL was away, and when no worker was up; not overlapping. */
export function outagesOf({ lives, postgresAway }: Pick<Facts, 'lives' | 'postgresAway'>): Interval[] {
  const up = lives
    .filter(one => one.slot.startsWith('worker') && one.upMs !== null)
    .flatMap(one =>
      awake({ fromMs: one.upMs ?? 0, toMs: one.endedMs ?? Number.POSITIVE_INFINITY }, one.frozen),
    )
  return union([...postgresAway, ...gapsBetween(union(up))])
}

function awake(life: Interval, frozen: readonly Interval[]): Interval[] {
  const parts: Interval[] = []
  let fromMs = life.fromMs
  for (const still of frozen) {
    parts.push({ fromMs, toMs: still.fromMs })
    fromMs = still.toMs
  }
  return [...parts, { fromMs, toMs: life.toMs }].filter(one => one.toMs > one.fromMs)
}

function union(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = []
  for (const one of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1)
    if (last && one.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, one.toMs)
    else joined.push({ ...one })
  }
  return joined
}

function gapsBetween(intervals: readonly Interval[]): Interval[] {
  return intervals.slice(1).map((one, index) => ({ fromMs: intervals[index]?.toMs ?? 0, toMs: one.fromMs }))
}

function within(intervals: readonly Interval[], span: Interval): number {
  return intervals.reduce(
    (sum, one) => sum + Math.max(0, Math.min(one.toMs, span.toMs) - Math.max(one.fromMs, span.fromMs)),
    0,
  )
}
