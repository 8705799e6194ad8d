// When a schedule fires: the minutes that its expression names, as the clocks of its zone show them (RELIABILITY.md R12). Pure.
// Where the clocks are put forward, times that they leave out fire together, once, at the first instant after. Where they are
// put back, times that come twice fire the first time only; schedules whose minute or hour begins with `*` mean an interval
// rather than a time, and fire both times.
import type { Cron } from './cron.ts'
import { dayFires, dayMs, firingDay, midnight, namedMinutes } from './cron-calendar.ts'
import { type Clock, type Stretch, stretches } from './cron-clock.ts'

export interface Schedule {
  cron: Cron
  clock: Clock
}

// No clock was ever put back by more: what it showed before that is what it can show again.
const farthestBackMs = 25 * 3_600_000

/** Those in [from, until), in order. */
function fireTimesIn({ cron, clock }: Schedule, from: number, until: number): number[] {
  const times = new Set<number>()
  let shown = Number.NEGATIVE_INFINITY // how far the clocks on the walls have come
  let before: Stretch | null = null
  for (const stretch of stretches(clock, from - farthestBackMs, until)) {
    const { offset } = stretch
    const end = stretch.until + offset
    if (stretch.from >= from && leavesOut(cron, before, stretch)) times.add(stretch.from)
    const first = Math.max(from, stretch.from) + offset
    for (const time of namedMinutes(cron, cron.interval ? first : Math.max(first, shown), end))
      times.add(time - offset)
    shown = Math.max(shown, end)
    before = stretch
  }
  return [...times].sort((a, b) => a - b)
}

/** Whether it names a time that the clocks jumped over from one to the other. */
function leavesOut(cron: Cron, before: Stretch | null, after: Stretch): boolean {
  if (before === null || before.offset >= after.offset) return false
  return namedMinutes(cron, before.until + before.offset, after.from + after.offset).length > 0
}

/** The next `count` fire times strictly after `after`. */
export function nextFireTimes(schedule: Schedule, after: Date, count: number): Date[] {
  const from = after.getTime() + 1
  const times: number[] = []
  let day = nextDay(schedule.cron, midnight(from))
  while (times.length < count && day !== null) {
    times.push(...fireTimesIn(schedule, Math.max(day, from), day + dayMs))
    day = nextDay(schedule.cron, day + dayMs)
  }
  return times.slice(0, count).map(time => new Date(time))
}

/** The first UTC day from `day` on during which it is somewhere a day that fires: years without one cost no zone's clock. */
function nextDay(cron: Cron, day: number): number | null {
  const firing = firingDay(cron, day - dayMs)
  return firing === null ? null : Math.max(day, firing - dayMs)
}

/** The newest `count` fire times in (after, until], in order. */
export function newestFireTimes(schedule: Schedule, after: Date, until: Date, count: number): Date[] {
  const from = after.getTime() + 1
  const end = until.getTime() + 1
  let times: number[] = []
  for (let day = midnight(end); day + dayMs > from && times.length < count; day -= dayMs) {
    if (![day - dayMs, day, day + dayMs].some(one => dayFires(schedule.cron, one))) continue
    times = [...fireTimesIn(schedule, Math.max(day, from), Math.min(day + dayMs, end)), ...times]
  }
  return times.slice(-count).map(time => new Date(time))
}
