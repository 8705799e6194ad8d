// What functions failed of, by kind: the most frequent first, and no more kinds than anybody reads. Pure.
import type { AlertError } from '../db/schema/alerts.ts'
import type { Sample } from './count-store.ts'
import { failureOf } from './fingerprint.ts'

const mostKinds = 5

export function addErrors(known: readonly AlertError[], samples: readonly Sample[]): AlertError[] {
  const byKind = new Map(known.map(one => [one.fingerprint, one]))
  for (const { error, amount, executionId } of samples) {
    const failing = failureOf(error)
    const before = byKind.get(failing.fingerprint)?.amount ?? 0
    byKind.set(failing.fingerprint, { ...failing, amount: before + amount, executionId })
  }
  return [...byKind.values()].toSorted((a, b) => b.amount - a.amount).slice(0, mostKinds)
}
