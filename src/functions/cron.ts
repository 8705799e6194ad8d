// Cron expressions: five fields, parsed by ourselves because the libraries accept what nobody means (RELIABILITY.md B73-B81).
// Pure. Days follow Vixie's rule: with both day fields restricted either one is enough; a field that begins with `*` does not
// restrict. Fire times are in cron-times.ts, zones in cron-zone.ts.
import { firesEver } from './cron-calendar.ts'

/** The sets in their order, but for weekdays. */
export interface Cron {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  weekdays: ReadonlySet<number> // 0 is Sunday
  daysRestricted: boolean
  weekdaysRestricted: boolean
  /** Its minute or hour begins with a star: it means an interval, not a time of the day. */
  interval: boolean
}

export type ParsedCron = { cron: Cron } | { problem: string }

interface Field {
  name: string
  low: number
  high: number
  names?: readonly string[]
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const weekdayNames = 'sun mon tue wed thu fri sat'.split(' ')
const fields = {
  minutes: { name: 'minute', low: 0, high: 59 },
  hours: { name: 'hour', low: 0, high: 23 },
  days: { name: 'day of month', low: 1, high: 31 },
  months: { name: 'month', low: 1, high: 12, names: monthNames },
  weekdays: { name: 'day of week', low: 0, high: 7, names: weekdayNames },
} as const satisfies Record<string, Field>

const shorthands = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
])

const longest = 1_000 // characters; sixty listed minutes take 170

class Problem extends Error {}

export function parseCron(text: string): ParsedCron {
  try {
    return { cron: parse(text) }
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

function parse(text: string): Cron {
  if (text.length > longest) throw new Problem(`is longer than ${longest} characters`)
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, '')
  if (trimmed.startsWith('@') && !shorthands.has(trimmed))
    throw new Problem(
      `"${trimmed}" is not known; write five fields or one of ${[...shorthands.keys()].join(' ')}`,
    )
  const parts = (shorthands.get(trimmed) ?? trimmed).split(/[ \t]+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts
  if (parts.length !== 5 || minute === '')
    throw new Problem(
      `has ${minute === '' ? 0 : parts.length} fields; write five: minute, hour, day of month, month, day of week`,
    )
  const cron: Cron = {
    minutes: parseField(fields.minutes, minute),
    hours: parseField(fields.hours, hour),
    days: parseField(fields.days, day),
    months: parseField(fields.months, month),
    weekdays: new Set([...parseField(fields.weekdays, weekday)].map(number => number % 7)),
    daysRestricted: !day.startsWith('*'),
    weekdaysRestricted: !weekday.startsWith('*'),
    interval: minute.startsWith('*') || hour.startsWith('*'),
  }
  if (!firesEver(cron)) throw new Problem('never fires: no month it names has such a day')
  return cron
}

function parseField(field: Field, text: string): Set<number> {
  const values = text.split(',').flatMap(item => parseItem(field, item))
  return new Set(values.sort((a, b) => a - b))
}

// A star, 5, 1-5; and the forms that span several values with a step: 1-5/2.
function parseItem(field: Field, item: string): number[] {
  const [span = '', step, ...rest] = item.split('/')
  if (rest.length > 0) throw new Problem(`${field.name} "${item}" has more than one step`)
  const [low, high] = parseSpan(field, span)
  if (step === undefined) return range(low, high, 1)
  if (span !== '*' && !span.includes('-'))
    throw new Problem(`${field.name} "${item}": a step needs a range; write ${span}-${field.high}/${step}`)
  return range(low, high, parseStep(field, item, step, high - low))
}

function parseSpan(field: Field, span: string): [number, number] {
  // 7 is a second Sunday: in a range it may be named, under `*` it would only repeat 0.
  if (span === '*') return [field.low, field.names === weekdayNames ? 6 : field.high]
  const [from = '', to, ...rest] = span.split('-')
  if (rest.length > 0) throw new Problem(`${field.name} "${span}" is not a range`)
  const low = parseValue(field, from)
  const high = to === undefined ? low : parseValue(field, to)
  if (low > high) throw new Problem(`${field.name} "${span}" runs backwards; write it as two ranges`)
  return [low, high]
}

function parseValue(field: Field, text: string): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + (field.low === 1 ? 1 : 0)
  const value = /^[0-9]{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (value >= field.low && value <= field.high) return value
  const names = field.names ? ` or ${field.names[0]}-${field.names.at(-1)}` : ''
  throw new Problem(`${field.name} "${text}" is not ${field.low}-${field.high}${names}`)
}

/** A step beyond the range would silently mean "the first value only", which is never what was meant. */
function parseStep(field: Field, item: string, text: string, span: number): number {
  const step = /^[0-9]{1,11}$/.test(text) ? Number(text) : Number.NaN
  if (step >= 1 && step <= Math.max(1, span)) return step
  throw new Problem(`${field.name} "${item}": the step must be 1 to ${Math.max(1, span)}`)
}

function range(low: number, high: number, step: number): number[] {
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step)
}
