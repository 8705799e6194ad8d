// Two runs of one execution's code at the same time, as the ledger has it: the earlier gave a sign of life after the later
// began. Pure.
import type { Facts } from './facts.ts'
import { spansOf } from './spans.ts'

// Between a word of a function and its arrival in the ledger.
const onItsWayMs = 250

export function overlapsOf({ ledger, lives }: Facts): string[] {
  const byKey = Map.groupBy(spansOf(ledger, lives), span => span.key)
  return [...byKey].flatMap(([key, spans]) =>
    spans
      .toSorted((a, b) => a.firstMs - b.firstMs)
      .flatMap((span, index, all) => {
        const later = all[index + 1]
        if (!later || span.lastMs <= later.firstMs + onItsWayMs) return []
        return [`${key} for ${span.lastMs - later.firstMs} ms`]
      }),
  )
}
