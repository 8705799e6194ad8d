// What may be written for a schedule, what it means when left out, and what is kept of it.
import { describe, expect, test } from 'vitest'
import { cronOf, readCron, storedCron } from '../../src/functions/cron-settings.ts'

const ofDefer = { schedule: '0 6 * * *', timezone: 'UTC', missed: 'one', overlap: 'allow' } as const

describe('a schedule', () => {
  test('alone means what the caller says of overlaps, UTC, and one for what was missed', () => {
    expect(readCron('0 6 * * *', 'allow')).toEqual(ofDefer)
    expect(readCron('0 6 * * *', 'skip')).toEqual({ ...ofDefer, overlap: 'skip' })
    expect(readCron({ schedule: '0 6 * * *', timezone: null }, 'skip')).toEqual({
      ...ofDefer,
      overlap: 'skip',
    })
  })

  test('as Defer had it is kept as Defer wrote it: its functions keep their versions', () => {
    expect(storedCron(ofDefer)).toBe('0 6 * * *')
    expect(cronOf('0 6 * * *')).toEqual(ofDefer)
    const other = { ...ofDefer, timezone: 'Europe/Berlin' }
    expect(cronOf(storedCron(other))).toEqual(other)
  })

  test.each<[string, unknown, RegExp]>([
    ['six fields', '* * * * * *', /^cron: "\* \* \* \* \* \*" has 6 fields/],
    ['a number', 5, /^cron: must be an expression such as/],
    ['no schedule', { timezone: 'UTC' }, /^cron: must be an expression such as/],
    [
      'a typing error',
      { schedule: '* * * * *', timezon: 'UTC' },
      /^cron has no option timezon; there are schedule, timezone, missed, overlap/,
    ],
    [
      'a zone there is none of',
      { schedule: '* * * * *', timezone: 'Mars/Olympus' },
      /^cron.timezone: "Mars\/Olympus"/,
    ],
    [
      'a zone that is no text',
      { schedule: '* * * * *', timezone: 1 },
      /^cron.timezone: must be the name of a place/,
    ],
    [
      'a policy there is none of',
      { schedule: '* * * * *', missed: 'none' },
      /^cron.missed: must be one of "skip", "one", "all"/,
    ],
    [
      'another one',
      { schedule: '* * * * *', overlap: 'yes' },
      /^cron.overlap: must be one of "skip", "queue", "allow"/,
    ],
    [
      'all that were missed, but one at a time',
      { schedule: '* * * * *', missed: 'all' },
      /^cron.missed: "all" needs overlap/,
    ],
  ])('with %s is refused', (_, given, problem) => {
    expect(readCron(given, 'skip')).toEqual({ problem: expect.stringMatching(problem) })
  })
})
