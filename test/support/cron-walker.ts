// The rules of RELIABILITY.md R12 a second time, on another way: a walk over every minute with an eye on the clock on the wall,
// straight from the text of an expression. Slow, and simple enough to be believed. And expressions to walk with.
import fc from 'fast-check'
import { parseCron } from '../../src/functions/cron.ts'

const minuteMs = 60_000

/** What the clocks of a zone show in each minute from `from` on: days and minutes of the day. */
export interface Wall {
  from: number
  days: Int32Array
  minutes: Int16Array
}

/** Reads the clock each hour, and each minute of the hours in which it did not go on by just one. */
export function readWall(timezone: string, from: number, minutes: number): Wall {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const read = (minute: number): number => {
    const shown = format.format(from + minute * minuteMs)
    const [, day, month, year, hour, past] = /(\d+)\/(\d+)\/(\d+),? (\d+):(\d+)/.exec(shown) ?? []
    return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(past)) / minuteMs
  }
  const wall = { from, days: new Int32Array(minutes), minutes: new Int16Array(minutes) }
  for (let hour = 0; hour < minutes; hour += 60) {
    const start = read(hour)
    const regular = read(hour + 60) === start + 60
    for (let minute = hour; minute < Math.min(hour + 60, minutes); minute++) {
      const shown = regular ? start + minute - hour : read(minute)
      wall.days[minute] = Math.floor(shown / 1_440)
      wall.minutes[minute] = shown % 1_440
    }
  }
  return wall
}

function holds(text: string, value: number, low: number, high: number): boolean {
  return text.split(',').some(item => {
    const [span = '', step = '1'] = item.split('/')
    const [from = low, to = span === '*' ? high : from] = span === '*' ? [] : span.split('-').map(Number)
    return value >= from && value <= to && (value - from) % Number(step) === 0
  })
}

function isDay(text: string, number: number): boolean {
  const date = new Date(number * 1_440 * minuteMs)
  const [, , day = '', month = '', weekday = ''] = text.split(' ')
  const sunday = date.getUTCDay() === 0 && !weekday.startsWith('*') && holds(weekday, 7, 0, 7)
  const isWeekday = sunday || holds(weekday, date.getUTCDay(), 0, 6)
  const isDate = holds(day, date.getUTCDate(), 1, 31)
  const either = day.startsWith('*') || weekday.startsWith('*') ? isDate && isWeekday : isDate || isWeekday
  return either && holds(month, date.getUTCMonth() + 1, 1, 12)
}

/** The instants at which it fires in the wall's minutes, but for the first `ignored`, which are only looked back at. */
export function walk(text: string, wall: Wall, ignored: number): number[] {
  const [minute = '', hour = ''] = text.split(' ')
  const interval = minute.startsWith('*') || hour.startsWith('*')
  const inDay = Array.from(
    { length: 1_440 },
    (_, index) => holds(minute, index % 60, 0, 59) && holds(hour, Math.floor(index / 60), 0, 23),
  )
  const days = new Map<number, boolean>()
  const named = (shown: number): boolean => {
    if (!inDay[shown % 1_440]) return false
    const day = Math.floor(shown / 1_440)
    const known = days.get(day) ?? isDay(text, day)
    days.set(day, known)
    return known
  }
  const fired: number[] = []
  let before = Number.NaN
  let farthest = Number.NEGATIVE_INFINITY
  for (let index = 0; index < wall.days.length; index++) {
    const shown = (wall.days[index] ?? 0) * 1_440 + (wall.minutes[index] ?? 0)
    let fires = named(shown) && (interval || shown > farthest)
    for (let left = before + 1; left < shown && !fires; left++) fires = named(left)
    if (fires && index >= ignored) fired.push(wall.from + index * minuteMs)
    farthest = Math.max(farthest, shown)
    before = shown
  }
  return fired
}

function field(low: number, high: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: low, max: high })
  const span = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  const step = (width: number) => fc.integer({ min: 1, max: Math.max(1, width) })
  const item = fc.oneof(
    value.map(String),
    span.map(([a, b]) => `${a}-${b}`),
    span.chain(([a, b]) => step(b - a).map(n => `${a}-${b}/${n}`)),
  )
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 1, arbitrary: step(Math.min(high, 6 + (high > 7 ? 5 : 0)) - low).map(n => `*/${n}`) },
    { weight: 3, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map(items => items.join(',')) },
  )
}

export const expression = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  .map(fields => fields.join(' '))
  .filter(text => 'cron' in parseCron(text))

/** In the hours in which clocks jump, on any day. */
export const nightly = fc
  .tuple(field(0, 59), fc.constantFrom('0', '1', '2', '3', '0-3', '1,2', '*/2', '23', '0,23'))
  .map(([minute, hour]) => `${minute} ${hour} * * *`)
