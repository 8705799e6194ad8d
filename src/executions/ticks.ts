// Stores the executions of cron functions. Every worker calls this around the start of each minute, by the database's clock;
// the watermark of each function (cron-store.ts) lets one of them store a tick, once. What is due is decided in
// functions/cron-due.ts; this lists, locks, applies the answer and says what was left out.
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import { databaseTime } from '../db/time.ts'
import type { Core } from '../events/outbox.ts'
import type { Event } from '../events/types.ts'
import { type Due, dueTicks, withoutOverlap } from '../functions/cron-due.ts'
import type { CronSettings } from '../functions/cron-settings.ts'
import {
  advance,
  insertTicks,
  type Locked,
  listScheduled,
  lockWatched,
  rest,
  unfinished,
  watch,
} from './cron-store.ts'
import { createUpcoming, type Readable } from './cron-upcoming.ts'

const minuteMs = 60_000

/** Resolves to how many executions it stored. `now`: PostgreSQL's, unless a test says so. */
export async function createDueTicks(core: Core, now?: Date, upcoming = createUpcoming()): Promise<number> {
  const at = now ?? (await databaseTime(core.db))
  await rest(core.db)
  const watched = await watchAll(core, upcoming.read(await listScheduled(core.db)), at)
  const due = upcoming.due(watched, at)
  if (due.length === 0) return 0
  const amount = await core.db.transaction(tx => createTicks(core, tx, due, at))
  if (amount > 0) crashPoint('cron.after_commit')
  return amount
}

/** What is seen for the first time, in this form or since it rested, counts from now on. */
async function watchAll({ db }: Core, all: Readable[], now: Date): Promise<Readable[]> {
  const fresh = all.filter(
    ({ listed, settings }) =>
      listed.resting !== false ||
      listed.expression !== settings.schedule ||
      listed.timezone !== settings.timezone,
  )
  if (fresh.length === 0) return all
  const since = await watch(
    db,
    fresh.map(({ listed, settings }) => ({
      functionId: listed.functionId,
      expression: settings.schedule,
      timezone: settings.timezone,
      since: firstSeen(new Date(listed.releasedAt), now),
    })),
  )
  return all.map(one => ({ ...one, since: since.get(one.listed.functionId) ?? one.since }))
}

/** The minute under way counts if the schedule was in force when it began. */
function firstSeen(releasedAt: Date, now: Date): Date {
  const minute = Math.floor(now.getTime() / minuteMs) * minuteMs
  return new Date(Math.max(minute - 1, releasedAt.getTime()))
}

interface Admitted extends Due {
  of: Readable
  /** How many of the ticks, the first ones, are stored. */
  stored: number
}

async function createTicks(core: Core, tx: Tx, due: Readable[], now: Date): Promise<number> {
  const byId = new Map(due.map(one => [one.listed.functionId, one]))
  const locked = await lockWatched(tx, [...byId.keys()])
  const newest = locked.flatMap(one => one.executionId ?? [])
  const underWay = newest.length > 0 ? await unfinished(tx, newest) : new Set<string>()
  const admitted = locked.flatMap(one => {
    const of = byId.get(one.functionId)
    return of && isOf(one, of.settings) ? admit(of, one, underWay.has(one.executionId ?? ''), now) : []
  })
  if (admitted.length === 0) return 0
  const ticks = admitted.flatMap(({ of, ticks, stored }) =>
    ticks.slice(0, stored).map(at => ({ ...of.listed, at })),
  )
  const executions = ticks.length > 0 ? await insertTicks(tx, ticks) : new Map<string, string>()
  if (ticks.length > 0) crashPoint('cron.inserted')
  await advance(
    tx,
    admitted.map(({ of: { listed }, until }) => ({
      functionId: listed.functionId,
      until,
      executionId: executions.get(listed.functionId) ?? null,
    })),
  )
  await core.append(tx, ...admitted.flatMap(leftOut))
  if (ticks.length > 0) crashPoint('cron.before_commit')
  return ticks.length
}

/** Otherwise a release came between: another schedule is counted now, and the next look decides by that. */
function isOf(locked: Locked, { schedule, timezone }: CronSettings): boolean {
  return locked.expression === schedule && locked.timezone === timezone
}

function admit(of: Readable, locked: Locked, underWay: boolean, now: Date): Admitted[] {
  const due = dueTicks(of.schedule, of.settings.missed, new Date(locked.since), now)
  return due ? [{ ...due, of, stored: withoutOverlap(due.ticks, of.settings.overlap, underWay) }] : []
}

function leftOut({ of: { listed, settings }, ticks, stored, until, leftOut }: Admitted): Event[] {
  const subject = {
    repositoryId: Number(listed.repositoryId),
    environmentId: listed.environmentId,
    functionId: listed.functionId,
    actor: 'sluice',
  }
  const overlapping = ticks.slice(stored)
  const events: Event[] = []
  if (overlapping.length > 0)
    events.push({ ...subject, type: 'cron.skipped_overlap', data: { ticks: overlapping } })
  if (leftOut) events.push({ ...subject, type: 'cron.missed', data: { until, policy: settings.missed } })
  return events
}
