// What the endpoint's log says of the switches: whether every item came once, whether anything of the version before began after
// a switch, and how long nothing began. Pure.
import type { Item } from './endpoint.ts'

export interface Switch {
  kind: 'cutover' | 'rollback'
  to: string
  /** When it was asked for, and when it was known to be done: it was committed in between. */
  askedMs: number
  doneMs: number
}

/** The last start of the version before is not longer before the switch than this. */
const lookBackMs = 1_000

export interface Verdict {
  switches: number
  items: number
  lost: number
  twice: number
  /** Runs of the version before that began after the switch was done, or after one of the version to come. */
  startedAfter: number
  /** Of each switch: from the last start of the version before to the first of the version to come. */
  gapsMs: number[]
}

export function judge(items: readonly Item[], switches: readonly Switch[], expected: Expected): Verdict {
  const seen = new Map<string, number>()
  for (const { run, number } of items) {
    const key = `${run}/${number}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  const starts = items.filter(one => one.number === 1)
  const each = switches.map((one, index) => around(starts, one, switches[index + 1]?.askedMs ?? Infinity))
  return {
    switches: switches.length,
    items: items.length,
    lost: expected.runs * expected.itemsOfRun - seen.size,
    twice: [...seen.values()].filter(times => times > 1).length,
    startedAfter: each.reduce((sum, one) => sum + one.after, 0),
    gapsMs: each.flatMap(one => (one.gapMs === null ? [] : [one.gapMs])),
  }
}

export interface Expected {
  runs: number
  itemsOfRun: number
}

/** `toMs`: when the next switch was asked for; until then every start is of the version to come. */
function around(starts: Item[], { to, askedMs, doneMs }: Switch, toMs: number) {
  const near = starts.filter(one => one.startedMs > askedMs - lookBackMs && one.startedMs < toMs)
  const firstNew = Math.min(...near.filter(one => one.version === to && one.startedMs > askedMs).map(timeOf))
  const old = near.filter(one => one.version !== to).map(timeOf)
  const isLate = (startedMs: number) => startedMs > doneMs || startedMs > firstNew
  const gapMs = firstNew - Math.max(...old)
  return { after: old.filter(isLate).length, gapMs: Number.isFinite(gapMs) ? gapMs : null }
}

const timeOf = ({ startedMs }: Item) => startedMs
