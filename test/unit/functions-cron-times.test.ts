// Fire times that are easily got wrong, one by one (RELIABILITY.md B77, B78, B83-B85). All the others: functions-cron-walker.test.ts
import { describe, expect, test } from 'vitest'
import { nextTicks, parseSchedule } from '../../src/functions/cron-settings.ts'
import { newestFireTimes, nextFireTimes } from '../../src/functions/cron-times.ts'

function scheduleOf(text: string, timezone = 'UTC') {
  const schedule = parseSchedule(text, timezone)
  if ('problem' in schedule) throw new Error(`${text}: ${schedule.problem}`)
  return schedule
}

const iso = (times: Date[]) => times.map(time => time.toISOString().slice(0, 16))

function next(text: string, timezone: string, after: string, count: number): string[] {
  return iso(nextFireTimes(scheduleOf(text, timezone), new Date(`${after}Z`), count))
}

describe('next fire times', () => {
  test.each<[string, string, string, string[]]>([
    ['strictly after', '0 12 * * *', '2030-05-01T12:00', ['2030-05-02T12:00']],
    ['29 February, over the century', '0 0 29 2 *', '2096-03-01T00:00', ['2104-02-29T00:00']],
    [
      'either day where both are named',
      '0 0 13 * 5',
      '2030-09-01T00:00',
      ['2030-09-06T00:00', '2030-09-13T00:00', '2030-09-20T00:00'],
    ],
    ['29 February or a Monday in it', '0 0 29 2 1', '2032-02-24T00:00', ['2032-02-29T00:00']],
    ['both where one begins with a star', '0 0 */2 * 5', '2030-09-01T00:00', ['2030-09-13T00:00']],
  ])('%s', (_, text, after, times) => {
    expect(next(text, 'UTC', after, times.length)).toEqual(times)
  })

  test('of what is kept with a version, for those who show them', () => {
    const stored = {
      schedule: '0 9 * * 1',
      timezone: 'Europe/Berlin',
      missed: 'one',
      overlap: 'skip',
    } as const
    const after = new Date('2026-10-20T00:00:00Z')
    expect(iso(nextTicks(stored, after, 2))).toEqual(['2026-10-26T08:00', '2026-11-02T08:00'])
    expect(iso(nextTicks('0 9 * * 1', after, 1))).toEqual(['2026-10-26T09:00'])
    expect(nextTicks('every monday', after, 1)).toEqual([])
  })
})

describe('where clocks are put forward', () => {
  test.each<[string, string, string, string, string[]]>([
    [
      'a time left out comes at the first instant after',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00',
      ['2026-03-08T07:00', '2026-03-09T06:30'],
    ],
    [
      'several of them come as one',
      '0,15,30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00',
      ['2026-03-08T07:00', '2026-03-09T06:00'],
    ],
    [
      'also when that instant is named itself',
      '30 2,3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00',
      ['2026-03-29T01:00', '2026-03-29T01:30', '2026-03-30T00:30'],
    ],
    [
      'and once where both are the same instant',
      '0 2,3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00',
      ['2026-03-29T01:00', '2026-03-30T00:00'],
    ],
    [
      'half an hour, which cron-parser takes a day for',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02T16:00',
      ['2026-10-03T15:30', '2026-10-04T15:15'],
    ],
    [
      'at midnight',
      '0 0 * * *',
      'Africa/Cairo',
      '2026-04-23T12:00',
      ['2026-04-23T22:00', '2026-04-24T21:00'],
    ],
    [
      'a whole day, as Samoa did',
      '0 9 * * *',
      'Pacific/Apia',
      '2011-12-29T12:00',
      ['2011-12-29T19:00', '2011-12-30T10:00', '2011-12-30T19:00'],
    ],
    [
      'every minute goes on as every minute',
      '* * * * *',
      'America/New_York',
      '2026-03-08T06:58',
      ['2026-03-08T06:59', '2026-03-08T07:00', '2026-03-08T07:01'],
    ],
  ])('%s', (_, text, timezone, after, times) => {
    expect(next(text, timezone, after, times.length)).toEqual(times)
  })
})

describe('where clocks are put back', () => {
  test.each<[string, string, string, string, string[]]>([
    [
      'a fixed time fires the first time it comes',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00',
      ['2026-11-01T05:30', '2026-11-02T06:30'],
    ],
    [
      'so do several, and a range',
      '0-30/30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00',
      ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-02T06:00'],
    ],
    [
      'an interval of minutes goes on through both hours',
      '*/30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00',
      ['2026-11-01T05:00', '2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30', '2026-11-02T06:00'],
    ],
    [
      'so does every hour',
      '15 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30',
      ['2026-10-25T00:15', '2026-10-25T01:15', '2026-10-25T02:15'],
    ],
    [
      'the next day is not late for it',
      '0 3 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00',
      ['2026-10-25T02:00', '2026-10-26T02:00'],
    ],
    [
      'at a minute past midnight, back into the day before',
      '5 0 * * *',
      'America/St_Johns',
      '2010-11-06T12:00',
      ['2010-11-07T03:35', '2010-11-08T03:35'],
    ],
  ])('%s', (_, text, timezone, after, times) => {
    expect(next(text, timezone, after, times.length)).toEqual(times)
  })
})

describe('the newest fire times', () => {
  const newest = (text: string, after: string, until: string, count: number) =>
    iso(newestFireTimes(scheduleOf(text), new Date(`${after}Z`), new Date(`${until}Z`), count))

  test.each<[string, string, string, string, number, string[]]>([
    ['none', '0 12 * * *', '2030-05-01T12:00', '2030-05-02T11:59', 5, []],
    [
      'the bounds: not the first, but the last',
      '0 12 * * *',
      '2030-05-01T12:00',
      '2030-05-02T12:00',
      5,
      ['2030-05-02T12:00'],
    ],
    [
      'over midnight',
      '0 */6 * * *',
      '2030-05-01T00:00',
      '2030-05-02T07:00',
      3,
      ['2030-05-01T18:00', '2030-05-02T00:00', '2030-05-02T06:00'],
    ],
    [
      'years back',
      '0 0 1 1 *',
      '2020-06-01T00:00',
      '2030-05-01T00:00',
      2,
      ['2029-01-01T00:00', '2030-01-01T00:00'],
    ],
  ])('%s', (_, text, after, until, count, times) => {
    expect(newest(text, after, until, count)).toEqual(times)
  })
})
