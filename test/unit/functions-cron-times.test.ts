// Fire times against a walker that looks at every minute and knows nothing but the rules.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCron } from '../../src/functions/cron.ts'
import { fires, newestFireTime, nextFireTimes } from '../../src/functions/cron-times.ts'

const minuteMs = 60_000

function cronOf(text: string) {
  const parsed = parseCron(text)
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.cron
}

/** One field, straight from its text: the rules a second time, on another way. */
function holds(text: string, value: number, low: number, high: number): boolean {
  return text.split(',').some(item => {
    const [span = '', step = '1'] = item.split('/')
    const [from = low, to = span === '*' ? high : from] = span === '*' ? [] : span.split('-').map(Number)
    return value >= from && value <= to && (value - from) % Number(step) === 0
  })
}

function walkerFires(text: string, time: Date): boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = text.split(' ')
  const sunday = time.getUTCDay() === 0 && !weekday.startsWith('*') && holds(weekday, 7, 0, 7)
  const isWeekday = sunday || holds(weekday, time.getUTCDay(), 0, 6)
  const isDay = holds(day, time.getUTCDate(), 1, 31)
  const days = day.startsWith('*') || weekday.startsWith('*') ? isDay && isWeekday : isDay || isWeekday
  return (
    days &&
    holds(minute, time.getUTCMinutes(), 0, 59) &&
    holds(hour, time.getUTCHours(), 0, 23) &&
    holds(month, time.getUTCMonth() + 1, 1, 12)
  )
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

const expression = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  .map(fields => fields.join(' '))
  .filter(text => 'cron' in parseCron(text))

const minutes = fc
  .date({ min: new Date('1999-01-01T00:00:00Z'), max: new Date('2101-01-01T00:00:00Z'), noInvalidDate: true })
  .map(date => new Date(Math.floor(date.getTime() / minuteMs) * minuteMs))

describe('fire times', () => {
  test('are the minutes that the walker finds, none more and none less', () => {
    fc.assert(
      fc.property(expression, minutes, (text, from) => {
        const cron = cronOf(text)
        const window = Array.from(
          { length: 2 * 1_440 },
          (_, index) => new Date(from.getTime() + index * minuteMs),
        )
        const expected = window.filter(time => walkerFires(text, time)).slice(0, 20)
        const next = nextFireTimes(cron, new Date(from.getTime() - 1), 20)
        const last = window.at(-1) ?? from
        expect(next.filter(time => time <= last)).toEqual(expected)
        for (const time of next) expect(walkerFires(text, time) && fires(cron, time)).toBe(true)
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  test('the newest one is the last that a walk backwards meets', () => {
    fc.assert(
      fc.property(expression, minutes, fc.integer({ min: 0, max: 59_999 }), (text, until, ms) => {
        const now = new Date(until.getTime() + ms)
        const after = new Date(now.getTime() - 60 * minuteMs)
        const walked = Array.from({ length: 61 }, (_, index) => new Date(until.getTime() - index * minuteMs))
        const expected = walked.find(time => time > after && walkerFires(text, time)) ?? null
        expect(newestFireTime(cronOf(text), after, now)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['strictly after', '0 12 * * *', '2030-05-01T12:00:00Z', ['2030-05-02T12:00:00.000Z']],
    ['29 February, over the century', '0 0 29 2 *', '2096-03-01T00:00:00Z', ['2104-02-29T00:00:00.000Z']],
    [
      'either day where both are named',
      '0 0 13 * 5',
      '2030-09-01T00:00:00Z',
      ['2030-09-06T00:00:00.000Z', '2030-09-13T00:00:00.000Z', '2030-09-20T00:00:00.000Z'],
    ],
    [
      'both where one begins with a star',
      '0 0 */2 * 5',
      '2030-09-01T00:00:00Z',
      ['2030-09-13T00:00:00.000Z'],
    ],
  ])('%s', (_, text, after, times) => {
    const next = nextFireTimes(cronOf(text), new Date(after), times.length)
    expect(next.map(time => time.toISOString())).toEqual(times)
  })
})
