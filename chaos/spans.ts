// The runs of user code as the ledger saw them: from the first word to the last sign of life. Of a process that stood still, what
// it said in the second after it went on does not count: it looks around twice a second, and then ends what is no longer its own.
// Pure.
import type { Entry } from './ledger.ts'
import type { Life } from './processes.ts'

export interface Span {
  key: string
  function: string
  firstMs: number
  lastMs: number
}

const fenceMs = 1_000

export function spansOf(ledger: readonly Entry[], lives: readonly Life[]): Span[] {
  const thaws = lives.flatMap(life => life.frozen.map(one => one.toMs))
  const counts = ({ atMs }: Entry) => !thaws.some(toMs => atMs >= toMs && atMs - toMs <= fenceMs)
  return [...Map.groupBy(ledger, entry => entry.run).values()].flatMap(all => {
    const counted = all.filter(counts)
    const [first, last] = [counted[0], counted.at(-1)]
    if (!first || !last) return []
    return [{ key: first.key, function: first.function, firstMs: first.atMs, lastMs: last.atMs }]
  })
}

/** How many of these there were at the same time, at most. */
export function mostAtOnce(spans: readonly Pick<Span, 'firstMs' | 'lastMs'>[]): number {
  const edges = spans.flatMap(({ firstMs, lastMs }) => [
    { at: firstMs, by: 1 },
    { at: lastMs, by: -1 },
  ])
  let [now, most] = [0, 0]
  // What ends at the very moment another begins has made room for it.
  for (const { by } of edges.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by
    most = Math.max(most, now)
  }
  return most
}
