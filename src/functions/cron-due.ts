// Which ticks of a schedule are to be stored now. Pure. A tick is missed when nobody could store it within its minute.
import type { MissedPolicy, OverlapPolicy } from './cron-settings.ts'
import { newestFireTimes, type Schedule } from './cron-times.ts'

const onTimeMs = 60_000
export const mostCaughtUp = 10

export interface Due {
  /** In order; empty where the policy says that missed ticks stay undone. */
  ticks: Date[]
  /** Everything up to it is decided herewith. */
  until: Date
  /** There were others, which are left out. */
  leftOut: boolean
}

/** What came due in (since, now]. Null: nothing. */
export function dueTicks(schedule: Schedule, missed: MissedPolicy, since: Date, now: Date): Due | null {
  const most = missed === 'all' ? mostCaughtUp : 1
  // One more, only to know whether there was one.
  const newest = newestFireTimes(schedule, since, now, most + 1)
  const until = newest.at(-1)
  if (until === undefined) return null
  const late = now.getTime() - until.getTime() >= onTimeMs
  const ticks = missed === 'skip' && late ? [] : newest.slice(-most)
  return { ticks, until, leftOut: ticks.length < newest.length }
}

/** How many of the ticks are stored, the first ones, when an earlier one's execution is (or is not) under way. */
export function withoutOverlap(ticks: Date[], overlap: OverlapPolicy, underWay: boolean): number {
  if (overlap !== 'skip') return ticks.length
  return underWay ? 0 : Math.min(1, ticks.length)
}
