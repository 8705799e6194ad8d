// The schedule of a function with its policies: what may be written, what it means when left out, and the form in which it is
// kept with a version. Pure. An expression alone is kept for what Defer meant by it: UTC, every tick stored, whatever runs.
import { z } from 'zod'
import { parseCron } from './cron.ts'
import { clockOf } from './cron-clock.ts'
import { nextFireTimes, type Schedule } from './cron-times.ts'
import { parseZone } from './cron-zone.ts'

/** What becomes of ticks for which nobody was there: none of them, one for all of them, up to ten of them. */
export const missedPolicies = ['skip', 'one', 'all'] as const
export type MissedPolicy = (typeof missedPolicies)[number]
/** What becomes of a tick while the execution of an earlier one is not finished: left out, done after it, done beside it. */
export const overlapPolicies = ['skip', 'queue', 'allow'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]

export const CronSettings = z.object({
  schedule: z.string(),
  timezone: z.string(),
  missed: z.enum(missedPolicies),
  overlap: z.enum(overlapPolicies),
})
export type CronSettings = z.infer<typeof CronSettings>

export const StoredCron = z.union([z.string(), CronSettings])
export type StoredCron = z.infer<typeof StoredCron>

const ofDefer = { timezone: 'UTC', missed: 'one', overlap: 'allow' } as const

export function cronOf(stored: StoredCron): CronSettings {
  return typeof stored === 'string' ? { schedule: stored, ...ofDefer } : stored
}

export function storedCron({ schedule, timezone, missed, overlap }: CronSettings): StoredCron {
  const asDefer = timezone === 'UTC' && missed === ofDefer.missed && overlap === ofDefer.overlap
  return asDefer ? schedule : { schedule, timezone, missed, overlap }
}

export function parseSchedule(expression: string, timezone: string): Schedule | { problem: string } {
  const parsed = parseCron(expression)
  if ('problem' in parsed) return { problem: `cron: "${expression.slice(0, 100)}" ${parsed.problem}` }
  const zone = parseZone(timezone)
  if ('problem' in zone) return { problem: `cron.timezone: ${zone.problem}` }
  return { cron: parsed.cron, clock: clockOf(zone.timezone) }
}

/** For whoever shows them. None: what is kept cannot be read by this program. */
export function nextTicks(stored: StoredCron, after: Date, count: number): Date[] {
  const { schedule, timezone } = cronOf(stored)
  const parsed = parseSchedule(schedule, timezone)
  return 'problem' in parsed ? [] : nextFireTimes(parsed, after, count)
}

const Written = z.strictObject({
  schedule: z.string(),
  timezone: z.string().nullish(),
  missed: z.enum(missedPolicies).nullish(),
  overlap: z.enum(overlapPolicies).nullish(),
})

/** As it stands in the code; `overlap` where that says nothing. Or what is wrong with it. */
export function readCron(given: unknown, overlap: OverlapPolicy): CronSettings | { problem: string } {
  const written = Written.safeParse(typeof given === 'string' ? { schedule: given } : given)
  if (!written.success) return { problem: shapeProblem(written.error) }
  const said = written.data
  const missed = said.missed ?? ofDefer.missed
  const settings = {
    schedule: said.schedule,
    timezone: said.timezone ?? ofDefer.timezone,
    missed,
    overlap: said.overlap ?? overlap,
  }
  const schedule = parseSchedule(settings.schedule, settings.timezone)
  if ('problem' in schedule) return schedule
  // Of ten caught up at once nine would be left out again.
  if (missed === 'all' && settings.overlap === 'skip')
    return { problem: 'cron.missed: "all" needs overlap: "queue" or "allow" beside it' }
  const zone = parseZone(settings.timezone)
  return 'timezone' in zone ? { ...settings, timezone: zone.timezone } : settings
}

function shapeProblem(error: z.ZodError): string {
  const [issue] = error.issues
  if (issue?.code === 'unrecognized_keys')
    return `cron has no option ${issue.keys.join(', ')}; there are ${Object.keys(Written.shape).join(', ')}`
  const [key] = issue?.path ?? []
  if (key === 'missed') return `cron.missed: must be one of ${listed(missedPolicies)}`
  if (key === 'overlap') return `cron.overlap: must be one of ${listed(overlapPolicies)}`
  if (key === 'timezone')
    return 'cron.timezone: must be the name of a place, such as "Europe/Berlin", or "UTC"'
  return `cron: must be an expression such as "0 6 * * *", or an object with it as its schedule`
}

const listed = (words: readonly string[]) => words.map(word => `"${word}"`).join(', ')
