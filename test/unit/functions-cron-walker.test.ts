// Fire times in time zones against a walker over every minute (RELIABILITY.md R12, F51). Each run takes other years and
// expressions and prints how to have them again; the nightly form is
// CRON_ZONES=14 CRON_YEARS=10 CRON_EXPRESSIONS=300 npx vitest run --project unit functions-cron-walker
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSchedule } from '../../src/functions/cron-settings.ts'
import { newestFireTimes, nextFireTimes } from '../../src/functions/cron-times.ts'
import { expression, nightly, readWall, walk } from '../support/cron-walker.ts'

// Gaps and repeats of an hour, of half an hour and of two; at midnight and at a minute past it; a day left out; none at all.
const zones = [
  'America/New_York',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Antarctica/Troll',
  'Africa/Cairo',
  'America/Havana',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'America/Caracas',
  'Europe/London',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'UTC',
]
const minuteMs = 60_000
const lookedBack = 2 * 1_440
const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)

const seed = number('CRON_SEED', Math.floor(Math.random() * 2 ** 31))
const amounts = {
  zones: number('CRON_ZONES', 3),
  years: number('CRON_YEARS', 1),
  expressions: number('CRON_EXPRESSIONS', 20),
}
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { seed, numRuns })
const [firstYear = 2026] = sample(fc.integer({ min: 2005, max: 2028 }), 1)
const chosen = sample(fc.shuffledSubarray(zones, { minLength: zones.length }), 1)[0] ?? zones

function scheduleOf(text: string, timezone: string) {
  const schedule = parseSchedule(text, timezone)
  if ('problem' in schedule) throw new Error(`${text}: ${schedule.problem}`)
  return schedule
}

/** Compared by hand: a report of half a million times helps nobody. */
function firstDifference(found: number[], expected: number[]): string | null {
  const index = expected.findIndex((time, at) => time !== found[at])
  const at = index === -1 && found.length > expected.length ? expected.length : index
  const iso = (time: number | undefined) => (time === undefined ? 'none' : new Date(time).toISOString())
  return at === -1 ? null : `fires at ${iso(found[at])}, the walker finds ${iso(expected[at])}`
}

function compareYear(text: string, timezone: string, wall: ReturnType<typeof readWall>): string[] {
  const from = wall.from + lookedBack * minuteMs
  const end = wall.from + wall.days.length * minuteMs
  const schedule = scheduleOf(text, timezone)
  const expected = walk(text, wall, lookedBack)
  const next = nextFireTimes(schedule, new Date(from - 1), expected.length + 1).map(time => time.getTime())
  const found = next.filter(time => time < end)
  const newest = newestFireTimes(schedule, new Date(from - 1), new Date(end - 1), 10)
  const last = newest.map(time => time.getTime())
  return [firstDifference(found, expected), firstDifference(last, expected.slice(-10))]
    .filter(difference => difference !== null)
    .map(difference => `${text} in ${timezone}: ${difference}`)
}

console.log(`cron walker: CRON_SEED=${seed}, ${JSON.stringify(amounts)}, years from ${firstYear}`)

test.each(chosen.slice(0, amounts.zones))(
  'in %s it fires when the walker meets it, no more and no less',
  timezone => {
    const half = Math.ceil(amounts.expressions / 2)
    const texts = [...sample(nightly, half), ...sample(expression, amounts.expressions - half)]
    const differences: string[] = []
    for (let year = firstYear; year < firstYear + amounts.years; year++) {
      const from = Date.UTC(year, 0, 1) - lookedBack * minuteMs
      const wall = readWall(timezone, from, (Date.UTC(year + 1, 0, 1) - from) / minuteMs)
      differences.push(...texts.flatMap(text => compareYear(text, timezone, wall)))
    }
    expect(differences, `replay with CRON_SEED=${seed}`).toEqual([])
  },
  4 * 3_600_000,
)
