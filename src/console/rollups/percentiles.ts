// Durations counted in buckets that grow by a fifth each: what half of them, or all but one in twenty, took at most. Pure.

export const durationBase = 1.2

export interface Counted {
  bucket: number
  amount: number
}

/** In milliseconds, a tenth too much or too little at most. Null: nothing was counted. */
export function percentile(counts: readonly Counted[], share: number): number | null {
  const begun = counts.filter(one => one.bucket >= 0).toSorted((a, b) => a.bucket - b.bucket)
  const all = begun.reduce((sum, one) => sum + one.amount, 0)
  if (all === 0) return null
  let left = Math.ceil(all * share)
  for (const { bucket, amount } of begun) {
    left -= amount
    if (left <= 0) return middleOf(bucket)
  }
  return null
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0.5 : durationBase ** (bucket - 0.5)
}
