// When a function is failing, and when it works again. Pure. Counted is what failed for good, after the last retry, and of the
// version that is live: what an earlier one left behind says nothing about this one.

export interface Standing {
  /** Whether it is told of as failing. */
  open: boolean
  /** Of the live version, within the window. */
  failed: number
  lastFailedAt: Date | null
  lastSucceededAt: Date | null
  /** There is nothing any more that could fail: deleted, archived, its environment closed, or nobody wants to hear. */
  gone: boolean
}

export type Change = 'opens' | 'recovers' | 'goes' | null

/** `threshold`: so many make it failing. */
export function decide(one: Standing, threshold: number): Change {
  if (!one.open) return !one.gone && one.failed >= threshold ? 'opens' : null
  if (one.gone) return 'goes'
  const works =
    one.lastSucceededAt !== null && (one.lastFailedAt === null || one.lastSucceededAt > one.lastFailedAt)
  return works && one.failed < threshold ? 'recovers' : null
}
