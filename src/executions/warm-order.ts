// Which processes a worker starts before a switch, and in which order: it may not have room for all. Pure.
import type { ToWarm } from '../functions/warm-channels.ts'

/** How a worker has used a function. */
export interface Use {
  /** When one of its executions last began here. */
  atMs: number
  /** How many run at this moment. */
  atOnce: number
  /** How often it began, each counting half as much a minute later. */
  begun: number
}

export const latelyMs = 60_000
const mostOfOne = 3

export function usedAgain(before: Use | undefined, atMs: number): Use {
  if (!before) return { atMs, atOnce: 1, begun: 1 }
  return { atMs, atOnce: before.atOnce + 1, begun: 1 + begunBy(before, atMs) }
}

export function isRecent({ atOnce, atMs }: Use, nowMs: number): boolean {
  return atOnce > 0 || nowMs - atMs < latelyMs
}

function begunBy({ atMs, begun }: Use, nowMs: number): number {
  return begun * 0.5 ** ((nowMs - atMs) / latelyMs)
}

/** The most used function first: one process of each, then a second and a third of those that run several at once. */
export function inOrder(versions: ToWarm[], uses: ReadonlyMap<string, Use>, nowMs: number): ToWarm[] {
  const used = versions.flatMap(version => {
    const use = uses.get(version.functionId)
    return use && isRecent(use, nowMs) ? [{ version, atOnce: use.atOnce, begun: begunBy(use, nowMs) }] : []
  })
  used.sort((a, b) => b.begun - a.begun)
  return Array.from({ length: mostOfOne }, (_, round) =>
    used.filter(({ atOnce }) => round === 0 || atOnce > round).map(({ version }) => version),
  ).flat()
}
