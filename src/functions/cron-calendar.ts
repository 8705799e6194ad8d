// The days and minutes that a parsed cron expression names, on a calendar without time zones: times here are those of a clock
// on a wall, written as if they were UTC. Pure. What a zone's jumps make of them is in cron-times.ts.
import type { Cron } from './cron.ts'

export const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000
// The Gregorian calendar, weekdays included, repeats after 400 years: what does not fire within them never does.
const calendarDays = 146_097

export const midnight = (time: number) => Math.floor(time / dayMs) * dayMs

/** `day`: its midnight. */
export function dayFires(cron: Cron, day: number): boolean {
  const date = new Date(day)
  if (!cron.months.has(date.getUTCMonth() + 1)) return false
  const dayMatches = cron.days.has(date.getUTCDate())
  const weekdayMatches = cron.weekdays.has(date.getUTCDay())
  // Vixie: either is enough where both are restricted; a star does not restrict, so both must hold.
  return cron.daysRestricted && cron.weekdaysRestricted
    ? dayMatches || weekdayMatches
    : dayMatches && weekdayMatches
}

/** The day (midnight) at or after `from` on which it fires. Null: never. */
export function firingDay(cron: Cron, from: number): number | null {
  for (let count = 0, day = from; count <= calendarDays; count++, day += dayMs)
    if (dayFires(cron, day)) return day
  return null
}

export function firesEver(cron: Cron): boolean {
  return firingDay(cron, Date.UTC(2000, 0, 1)) !== null
}

/** The minutes it names in [from, until), in order. */
export function namedMinutes(cron: Cron, from: number, until: number): number[] {
  const named: number[] = []
  for (let day = midnight(from); day < until; day += dayMs)
    if (dayFires(cron, day))
      for (const hour of cron.hours) {
        const start = day + hour * hourMs
        if (start >= until || start + hourMs <= from) continue
        for (const minute of cron.minutes) {
          const time = start + minute * minuteMs
          if (time >= from && time < until) named.push(time)
        }
      }
  return named
}
