// How the history is cut into partitions by time: an eighth of what is kept each, so that little more than that is kept. Pure.

/** From the first second to the one after the last, in seconds of the epoch. */
export interface Span {
  from: number
  to: number
}

const parts = 8
const ahead = 2

/** What is to be there so that the next two spans have their place. Spans never overlap, whatever their length was before. */
export function missingSpans(present: readonly Span[], now: Date, keepSeconds: number): Span[] {
  const length = spanLength(keepSeconds)
  const at = now.getTime() / 1_000
  const until = at + ahead * length
  const missing: Span[] = []
  let from = Math.max(Math.floor(at / length) * length, ...present.map(span => span.to))
  for (; from < until; from += length) missing.push({ from, to: from + length })
  return missing
}

export function oldSpans(present: readonly Span[], now: Date, keepSeconds: number): Span[] {
  return present.filter(span => span.to < now.getTime() / 1_000 - keepSeconds)
}

function spanLength(keepSeconds: number): number {
  return Math.max(1, Math.ceil(keepSeconds / parts))
}

const named = /_(\d+)_(\d+)$/

export const partitionName = (table: string, { from, to }: Span) => `${table}_${from}_${to}`

/** Null: a partition that is none of a span. */
export function spanOf(partition: string): Span | null {
  const [, from, to] = named.exec(partition) ?? []
  return from && to ? { from: Number(from), to: Number(to) } : null
}
