// When a parsed cron expression fires. Pure, UTC: whole days are skipped first, so that "29 February" costs no minutes.
import type { Cron } from './cron.ts'

const dayMs = 86_400_000
const minuteMs = 60_000
// The Gregorian calendar, weekdays included, repeats after 400 years: what does not fire within them never does.
const calendarDays = 146_097

function dayFires(cron: Cron, day: Date): boolean {
  if (!cron.months.has(day.getUTCMonth() + 1)) return false
  const dayMatches = cron.days.has(day.getUTCDate())
  const weekdayMatches = cron.weekdays.has(day.getUTCDay())
  // Vixie: either is enough where both are restricted; a star does not restrict, so both must hold.
  return cron.daysRestricted && cron.weekdaysRestricted
    ? dayMatches || weekdayMatches
    : dayMatches && weekdayMatches
}

/** The day (midnight) at or after `from` on which it fires. Null: never. */
function firingDay(cron: Cron, from: number): number | null {
  for (let count = 0, day = from; count <= calendarDays; count++, day += dayMs)
    if (dayFires(cron, new Date(day))) return day
  return null
}

const midnight = (time: number) => Math.floor(time / dayMs) * dayMs

export function firesEver(cron: Cron): boolean {
  return firingDay(cron, Date.UTC(2000, 0, 1)) !== null
}

/** Whether it fires in the minute that begins at `minute`. */
export function fires(cron: Cron, minute: Date): boolean {
  return (
    cron.minutes.has(minute.getUTCMinutes()) && cron.hours.has(minute.getUTCHours()) && dayFires(cron, minute)
  )
}

/** The next `count` fire times strictly after `after`. */
export function nextFireTimes(cron: Cron, after: Date, count: number): Date[] {
  const times: Date[] = []
  let day = firingDay(cron, midnight(after.getTime()))
  while (times.length < count && day !== null) {
    const start = day
    const today = timesOfDay(cron).map(offset => new Date(start + offset))
    times.push(...today.filter(time => time > after).slice(0, count - times.length))
    day = firingDay(cron, start + dayMs)
  }
  return times
}

/** The newest fire time in (after, until], or null. Only `until`'s day and the one before are looked at. */
export function newestFireTime(cron: Cron, after: Date, until: Date): Date | null {
  const today = midnight(until.getTime())
  const times = [today, today - dayMs]
    .filter(day => dayFires(cron, new Date(day)))
    .flatMap(day =>
      timesOfDay(cron)
        .map(offset => new Date(day + offset))
        .toReversed(),
    )
  return times.find(time => time <= until && time > after) ?? null
}

function timesOfDay(cron: Cron): number[] {
  const minutes = ascending(cron.minutes)
  return ascending(cron.hours).flatMap(hour => minutes.map(minute => (hour * 60 + minute) * minuteMs))
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b)
}
