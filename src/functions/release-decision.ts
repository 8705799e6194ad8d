// Whether a build may become what is live. Pure. A lower number never replaces a higher one by itself: numbers rise with the
// order of the branch's heads, so a build that finishes late is kept but stays behind. A pin holds everything but a rollback
// and a promotion, which lifts it.

export type HeldBecause = 'pinned' | 'older' | 'closed' | 'current'

interface Situation {
  kind: 'deploy' | 'rollback' | 'resume' | 'promote'
  closed: boolean
  pinned: boolean
  /** Number of the build that is live; null before the first. */
  activeNumber: number | null
  number: number
}

export function decideRelease(situation: Situation): 'activate' | HeldBecause {
  if (situation.closed) return 'closed'
  if (situation.kind === 'rollback' || situation.kind === 'promote') return 'activate'
  if (situation.pinned) return 'pinned'
  if (situation.activeNumber !== null && situation.number < situation.activeNumber) return 'older'
  return 'activate'
}
