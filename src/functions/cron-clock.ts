// The clocks on the walls of a time zone: how far they are from UTC, and when that changes. Pure: the zones are those that
// Node's own Intl knows, and no others are asked for (cron-zone.ts).

export interface Clock {
  /** What its walls show, less UTC, in milliseconds. */
  offsetAt(time: number): number
}

/** A time during which the offset stays the same: [from, until) in UTC. */
export interface Stretch {
  from: number
  until: number
  offset: number
}

const minuteMs = 60_000
// Nowhere has the offset changed twice within this long. Clocks are read at multiples of it, so that what was read serves again.
const stepMs = 6 * 3_600_000
const mostRemembered = 1_000

export const utc: Clock = { offsetAt: () => 0 }

// Making a formatter takes as long as fifty answers of it; there are no more of them than zones.
const clocks = new Map([['UTC', utc]])

export function clockOf(timezone: string): Clock {
  const known = clocks.get(timezone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
  const clock = remembering({ offsetAt: time => offsetIn(format.format(time)) })
  clocks.set(timezone, clock)
  return clock
}

function remembering(clock: Clock): Clock {
  const read = new Map<number, number>()
  return {
    offsetAt(time) {
      const known = read.get(time)
      if (known !== undefined) return known
      if (read.size >= mostRemembered) read.clear()
      const offset = clock.offsetAt(time)
      read.set(time, offset)
      return offset
    },
  }
}

/** Of a date such as "3/8/2026, GMT-04:00"; Greenwich's own is "GMT" alone. */
function offsetIn(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (sign === undefined) return 0
  const amount = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds) * 1_000
  return sign === '-' ? -amount : amount
}

/** What [from, until) consists of, in order; the first may begin earlier. */
export function stretches(clock: Clock, from: number, until: number): Stretch[] {
  if (clock === utc) return [{ from, until, offset: 0 }]
  const found: Stretch[] = []
  let start = Math.floor(from / stepMs) * stepMs
  let offset = clock.offsetAt(start)
  for (let low = start; low < until; low += stepMs) {
    const later = clock.offsetAt(low + stepMs)
    if (later === offset) continue
    const change = firstWith(clock, later, low, low + stepMs)
    if (change >= until) break
    found.push({ from: start, until: change, offset })
    start = change
    offset = later
  }
  return [...found, { from: start, until, offset }]
}

/** The first full minute in (low, high] that has the offset, which `high` has and `low` has not. */
function firstWith(clock: Clock, offset: number, low: number, high: number): number {
  let before = Math.floor(low / minuteMs)
  let after = Math.ceil(high / minuteMs)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (clock.offsetAt(middle * minuteMs) === offset) after = middle
    else before = middle
  }
  return after * minuteMs
}
