// Which time zones may be named, and what is said to the others (RELIABILITY.md B82).
import { describe, expect, test } from 'vitest'
import { parseZone } from '../../src/functions/cron-zone.ts'

describe('a zone', () => {
  test.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/london', 'Europe/London'],
    ['EUROPE/LONDON', 'Europe/London'],
    ['america/port-au-prince', 'America/Port-au-Prince'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
    ['Etc/UTC', 'UTC'],
    // By its new name, though Intl has it under its old one.
    ['europe/kyiv', 'Europe/Kyiv'],
    ['asia/kolkata', 'Asia/Kolkata'],
    ['asia/ho_chi_minh', 'Asia/Ho_Chi_Minh'],
    // Names of countries for what are places.
    ['US/Eastern', 'America/New_York'],
    ['Brazil/East', 'America/Sao_Paulo'],
  ])('%s is %s', (text, timezone) => {
    expect(parseZone(text)).toEqual({ timezone })
  })

  test('all that Intl lists are taken as they are', () => {
    const all = Intl.supportedValuesOf('timeZone').filter(name => name !== 'UTC')
    expect(all.length).toBeGreaterThan(300)
    expect(
      all.filter(name => JSON.stringify(parseZone(name)) !== JSON.stringify({ timezone: name })),
    ).toEqual([])
  })
})

describe('refused', () => {
  test.each([
    ['EST5EDT', 'is not the name of a place, and may not do what it seems to say; write "America/New_York"'],
    ['est', 'write "America/Panama", if that is what is meant'],
    ['CET', 'is not the name of a place'],
    ['Japan', 'write "Asia/Tokyo"'],
    ['GMT', 'is not the name of a place'],
    ['SystemV/EST5', 'is not the name of a place'],
    ['GMT+25', 'is an offset'],
    ['UTC+1', 'is an offset'],
    ['Etc/GMT+5', 'is an offset'],
    ['+05:30', 'is an offset'],
    ['../../etc/localtime', 'is no time zone that is known here'],
    ['Asia/Hanoi', 'is no time zone that is known here'],
    ['Europe/Berlni', 'did you mean "Europe/Berlin"?'],
    ['Europe/Berlin\n', 'did you mean "Europe/Berlin"?'],
    ['Europe/Berlin\u0000', 'is no time zone that is known here'],
    ['', 'write the name of a place, such as "Europe/Berlin", or "UTC"'],
    ['Europe/ſofia', 'is no time zone that is known here'],
    ['x'.repeat(14_000), 'is longer than 64 characters'],
  ])('%j', (text, problem) => {
    expect(parseZone(text)).toEqual({ problem: expect.stringContaining(problem) })
  })
})
