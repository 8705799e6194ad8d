// How much a worker claims beyond its free slots, so that a slot that becomes free never waits for the database: as much as
// its slots work off in a moment. Of functions that take longer than that nothing: others might start it sooner. Pure.

import { beginsWithinMs } from '../functions/start-window.ts'

const aheadMs = 40
const most = 200
const inTurnMs = 20
// A claimed one that has not begun by then is handed back: its slot is held by something slower than what was seen before.
export const handBackAfterMs = beginsWithinMs
// Of the newest attempt in the mean.
const weight = 0.2

/** `attemptMs`: how long attempts took of late; null: unknown. */
export function aheadOf(slots: number, attemptMs: number | null): number {
  if (attemptMs === null) return 0
  return Math.min(most, Math.floor((slots * aheadMs) / Math.max(attemptMs, 0.1)))
}

/** How many of what is ready one slot takes at once: its share, as far as that is worked off in a moment. */
export function inTurnOf(slots: number, ready: number, attemptMs: number | null): number {
  if (attemptMs === null) return 1
  return Math.max(1, Math.min(Math.ceil(ready / slots), Math.floor(inTurnMs / Math.max(attemptMs, 0.1))))
}

export function meanWith(attemptMs: number | null, newestMs: number): number {
  return attemptMs === null ? newestMs : attemptMs + weight * (newestMs - attemptMs)
}

export interface Room {
  slots: number
  ahead: number
}

/** In batches: nothing is claimed while more than half of what may be ahead is there. */
export function roomFor(size: number, busy: number, ready: number, attemptMs: number | null): Room {
  const ahead = aheadOf(size, attemptMs)
  const slots = Math.max(0, size - busy - ready)
  if (slots === 0 && ready > ahead / 2) return { slots: 0, ahead: 0 }
  return { slots, ahead: Math.max(0, size + ahead - busy - ready - slots) }
}
