// Which ticks are stored: what was missed, by policy (RELIABILITY.md F52); what overlaps, by policy (F53).
import { describe, expect, test } from 'vitest'
import { dueTicks, withoutOverlap } from '../../src/functions/cron-due.ts'
import { type MissedPolicy, parseSchedule } from '../../src/functions/cron-settings.ts'

const at = (time: string) => new Date(`2030-01-01T${time}Z`)

function due(text: string, missed: MissedPolicy, since: string, now: string) {
  const schedule = parseSchedule(text, 'UTC')
  if ('problem' in schedule) throw new Error(schedule.problem)
  const found = dueTicks(schedule, missed, at(since), at(now))
  const short = (time: Date) => time.toISOString().slice(11, 16)
  return found && { ticks: found.ticks.map(short), until: short(found.until), leftOut: found.leftOut }
}

describe('what came due', () => {
  test.each<[string, string, MissedPolicy, string, string, string[], string, boolean]>([
    ['on time', '*/5 * * * *', 'one', '11:55:00', '12:00:01', ['12:00'], '12:00', false],
    [
      'on time, whatever the policy',
      '*/5 * * * *',
      'skip',
      '11:55:00',
      '12:00:59',
      ['12:00'],
      '12:00',
      false,
    ],
    ['a minute late is missed', '*/5 * * * *', 'skip', '11:55:00', '12:01:00', [], '12:00', true],
    ['three hours of an hourly one', '30 * * * *', 'one', '08:30:00', '12:00:00', ['11:30'], '11:30', true],
    ['three hours of a daily one', '0 9 * * *', 'one', '08:30:00', '12:00:00', ['09:00'], '09:00', false],
    ['all of three', '0 * * * *', 'all', '09:30:00', '12:40:00', ['10:00', '11:00', '12:00'], '12:00', false],
    [
      'none of a hundred, but the one on time',
      '* * * * *',
      'skip',
      '10:00:00',
      '12:00:00',
      ['12:00'],
      '12:00',
      true,
    ],
  ])('%s', (_, text, missed, since, now, ticks, until, leftOut) => {
    expect(due(text, missed, since, now)).toEqual({ ticks, until, leftOut })
  })

  test('the newest ten of thousands', () => {
    const found = due('* * * * *', 'all', '00:00:00', '12:00:30')
    expect(found?.ticks).toEqual([
      '11:51',
      '11:52',
      '11:53',
      '11:54',
      '11:55',
      '11:56',
      '11:57',
      '11:58',
      '11:59',
      '12:00',
    ])
    expect(found?.leftOut).toBe(true)
  })

  test('nothing', () => {
    expect(due('0 * * * *', 'all', '12:00:00', '12:59:59')).toBeNull()
    // The database's clock was put back: what is decided stays so.
    expect(due('* * * * *', 'all', '12:00:00', '10:00:00')).toBeNull()
  })
})

test('while one is under way no other is stored; of several at once one is; unless they may overlap', () => {
  const ticks = [at('12:00:00'), at('12:01:00')]
  expect(withoutOverlap(ticks, 'skip', true)).toBe(0)
  expect(withoutOverlap(ticks, 'skip', false)).toBe(1)
  expect(withoutOverlap([], 'skip', false)).toBe(0)
  expect(withoutOverlap(ticks, 'allow', true)).toBe(2)
  expect(withoutOverlap(ticks, 'queue', true)).toBe(2)
})
