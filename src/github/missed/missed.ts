// Which deliveries never arrived, from GitHub's own record of what it sent. Pure. Attempts of one delivery share its guid: one
// that any attempt brought is not missed. Events nobody listens to are of no interest (GITHUB.md section 3, must-have 7).

/** One attempt, as GitHub lists it. */
export interface Attempt {
  id: number
  guid: string
  deliveredAt: Date
  redelivery: boolean
  ok: boolean
  event: string
  action: string | null
}

export interface Missed {
  guid: string
  /** Of its newest attempt, by which GitHub finds it. */
  id: number
  deliveredAt: Date
  /** Somebody, we or a person, had it sent again, and that failed as well. */
  wasSentAgain: boolean
}

/** Oldest first, as they would have come. */
export function missedOf(
  attempts: readonly Attempt[],
  isHeard: (event: string, action: string | null) => boolean,
): Missed[] {
  const heard = attempts.filter(({ event, action }) => isHeard(event, action))
  return [...Map.groupBy(heard, attempt => attempt.guid).values()]
    .filter(group => !group.some(attempt => attempt.ok))
    .flatMap(group => {
      const inOrder = group.toSorted((a, b) => a.deliveredAt.getTime() - b.deliveredAt.getTime())
      const [first, last] = [inOrder[0], inOrder.at(-1)]
      if (!first || !last) return []
      const wasSentAgain = group.some(attempt => attempt.redelivery)
      return [{ guid: last.guid, id: last.id, deliveredAt: first.deliveredAt, wasSentAgain }]
    })
    .toSorted((a, b) => a.deliveredAt.getTime() - b.deliveredAt.getTime())
}

/** GitHub keeps its record for about this long. */
export const keptMs = 3 * 24 * 3_600_000

/** From where a round looks: a little before the last one that came to its end, and never further back than is kept. */
export function lookFrom(lastRound: Date | null, now: Date, overlapMs: number): Date {
  const earliest = now.getTime() - keptMs
  return new Date(Math.max(earliest, lastRound ? lastRound.getTime() - overlapMs : earliest))
}
