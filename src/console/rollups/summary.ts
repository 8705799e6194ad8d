// Figures summed up for a function, or a version of one: how many, how many of them failed, how long they took. Pure.
import type { ByBucket, ByPart } from './figures-store.ts'
import { percentile } from './percentiles.ts'

export interface Summary {
  executions: number
  succeeded: number
  failed: number
  meanMs: number | null
  p50Ms: number | null
  p95Ms: number | null
}

export const none: Summary = {
  executions: 0,
  succeeded: 0,
  failed: 0,
  meanMs: null,
  p50Ms: null,
  p95Ms: null,
}

export function summarize(rows: readonly ByBucket[]): Summary {
  const sum = (some: readonly ByBucket[]) => some.reduce((all, one) => all + one.amount, 0)
  // What never began, or was broken off, says nothing about how long the function takes.
  const ended = rows.filter(one => one.state === 'succeeded' || one.state === 'failed')
  const begun = ended.filter(one => one.bucket >= 0)
  const timed = sum(begun)
  return {
    executions: sum(rows),
    succeeded: sum(ended.filter(one => one.state === 'succeeded')),
    failed: sum(ended.filter(one => one.state === 'failed')),
    meanMs: timed === 0 ? null : begun.reduce((all, one) => all + one.totalMs, 0) / timed,
    p50Ms: percentile(begun, 0.5),
    p95Ms: percentile(begun, 0.95),
  }
}

/** By what `keyOf` says of each row. */
export function summaries(rows: readonly ByBucket[], keyOf: (row: ByBucket) => string): Map<string, Summary> {
  return new Map([...Map.groupBy(rows, keyOf)].map(([key, some]) => [key, summarize(some)]))
}

export interface Part {
  amount: number
  failed: number
  p50Ms: number | null
  p95Ms: number | null
}

/** Of one function: every part of the time, those without any execution too. */
export function partsOf(rows: readonly ByPart[], parts: number): Part[] {
  const byPart = Map.groupBy(rows, row => row.part)
  return Array.from({ length: parts }, (_, index) => {
    const some = byPart.get(index) ?? []
    return {
      amount: some.reduce((all, one) => all + one.amount, 0),
      failed: some.reduce((all, one) => all + one.failed, 0),
      p50Ms: percentile(some, 0.5),
      p95Ms: percentile(some, 0.95),
    }
  })
}
