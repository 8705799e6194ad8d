// Looks for due cron ticks around the start of each minute, in every worker. What is due the database's clock says, and after
// each look a timer that knows of no clock is set by it: node-cron, which looks at the full minute of this machine's clock,
// stands still for two hours when that is put back by two (RELIABILITY.md F49). A clock that goes wrong is reported.
import cron from 'node-cron'
import { databaseTime } from '../db/time.ts'
import { messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import { type Bell, createBell } from './bell.ts'
import { createUpcoming } from './cron-upcoming.ts'
import { createDueTicks } from './ticks.ts'

const minuteMs = 60_000
// Not once only: another scheduler may have died over a tick that we left to it.
const looksMs = [0, 1, 2, 5, 10, 20, 40].map(seconds => seconds * 1_000)
const afterFailureMs = 1_000
const farOffMs = 30_000

/** How long until the next look is due, at `now` of the database. */
export function untilNextLook(now: Date): number {
  const intoMinute = now.getTime() % minuteMs
  return (looksMs.find(ms => ms > intoMinute) ?? minuteMs) - intoMinute
}

export interface ScheduleDeps {
  core: Core
  /** Rung when something was stored. */
  bell: Bell
  log: Log
  /** This machine's. */
  clock?: () => number
}

export function createSchedule({ core, bell, log, clock = Date.now }: ScheduleDeps): Service {
  const upcoming = createUpcoming(log)
  const wake = createBell()
  const watchSkew = createSkewWatch(log)
  let stopping = false
  let loop: Promise<void> = Promise.resolve()

  /** Resolves to how long to wait before the next one. */
  async function look(): Promise<number> {
    const now = await databaseTime(core.db)
    const began = performance.now()
    watchSkew(clock() - now.getTime())
    if ((await createDueTicks(core, now, upcoming)) > 0) bell.ring()
    return untilNextLook(now) - (performance.now() - began)
  }
  async function run(): Promise<void> {
    while (!stopping) {
      const waitMs = await look().catch(error => {
        log.warn({ error }, `cron ticks failed, they are tried again in a moment: ${messageOf(error)}`)
        return afterFailureMs
      })
      if (!stopping) await wake.wait(Math.max(1, waitMs))
    }
  }
  const task = cron.createTask('* * * * *', () => wake.ring(), {
    timezone: 'Etc/UTC',
    suppressMissedWarning: true,
  })
  return {
    name: 'cron',
    async start() {
      await task.start()
      loop = run() // at once: what was missed while no worker ran
    },
    async stop() {
      stopping = true
      await task.destroy()
      wake.ring()
      await loop
    },
  }
}

/** Told at each look how far this machine's clock is ahead of the database's; says so when it begins and when it ends. */
function createSkewWatch(log: Log): (skewMs: number) => void {
  let off = false
  return skewMs => {
    if (Math.abs(skewMs) > farOffMs === off) return
    off = !off
    const seconds = Math.round(skewMs / 1_000)
    if (off)
      log.warn(
        { seconds },
        `this machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the database's; crons and leases follow the database's. Set it right (NTP): logs and functions see the wrong time.`,
      )
    else log.info({ seconds }, "this machine's clock agrees with the database's again")
  }
}
