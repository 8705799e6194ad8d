// What a scheduler remembers between two looks: when each function fires next, so that a look costs a comparison for those
// that are not due. Only a memory: without it, or after any change of a watermark, the same is found anew.
import { type CronSettings, cronOf, parseSchedule, StoredCron } from '../functions/cron-settings.ts'
import { nextFireTimes, type Schedule } from '../functions/cron-times.ts'
import type { Log } from '../log.ts'
import type { Listed } from './cron-store.ts'

/** A function with its schedule as it can be worked with. */
export interface Readable {
  listed: Listed
  settings: CronSettings
  schedule: Schedule
  since: Date
}

type Parsed = Pick<Readable, 'settings' | 'schedule'>

export interface Upcoming {
  read(all: Listed[]): Readable[]
  due(all: Readable[], now: Date): Readable[]
}

export function createUpcoming(log?: Log): Upcoming {
  let parsed = new Map<string, Parsed | null>()
  let next = new Map<string, { schedule: Schedule; since: number; at: number }>()
  return {
    read(all) {
      const known = new Map<string, Parsed | null>()
      const readable = all.flatMap(listed => {
        const { cron, since } = listed
        const one = known.get(cron) ?? parsed.get(cron) ?? parse(listed, parsed, log)
        known.set(cron, one)
        return one ? [{ listed, ...one, since: new Date(since ?? 0) }] : []
      })
      parsed = known
      return readable
    },
    due(all, now) {
      next = new Map(
        all.map(({ listed, schedule, since }) => {
          const known = next.get(listed.functionId)
          const same = known?.schedule === schedule && known.since === since.getTime()
          const [first] = same ? [] : nextFireTimes(schedule, since, 1)
          const found = { schedule, since: since.getTime(), at: first?.getTime() ?? Number.POSITIVE_INFINITY }
          return [listed.functionId, same ? known : found]
        }),
      )
      return all.filter(one => (next.get(one.listed.functionId)?.at ?? 0) <= now.getTime())
    },
  }
}

/** Null, and said once: the build refused it then, or a newer program stored it. */
function parse(listed: Listed, said: ReadonlyMap<string, unknown>, log: Log | undefined): Parsed | null {
  const stored = StoredCron.safeParse(JSON.parse(listed.cron))
  const settings = stored.success ? cronOf(stored.data) : null
  const schedule = settings && parseSchedule(settings.schedule, settings.timezone)
  if (settings && schedule && !('problem' in schedule)) return { settings, schedule }
  const problem = schedule && 'problem' in schedule ? schedule.problem : 'its form is not known'
  if (!said.has(listed.cron))
    log?.warn({ functionId: listed.functionId }, `a cron is not scheduled: ${problem}`)
  return null
}
