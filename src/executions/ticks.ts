// Creates the executions of cron functions. Every worker calls this around the start of each minute; the database lets one
// of them work at a time and each (function, tick) exist once. Missed ticks (no worker ran): only the newest of the last hour
// is caught up, never from before the expression was in force.
import { sql } from 'drizzle-orm'
import { crashPoint } from '../crash-point.ts'
import type { Tx } from '../db/client.ts'
import type { Core } from '../events/outbox.ts'
import { parseCron } from '../functions/cron.ts'
import { newestFireTime } from '../functions/cron-times.ts'
import {
  countFrom,
  forgetAllBut,
  insertTick,
  listScheduled,
  lockTicks,
  type Scheduled,
} from './cron-store.ts'

const catchUpMs = 3_600_000
const minuteMs = 60_000

/** Resolves to how many executions it created. `now`: for tests; otherwise PostgreSQL's. */
export async function createDueTicks(core: Core, now?: Date): Promise<number> {
  const amount = await core.db.transaction(async tx => {
    if (!(await lockTicks(tx))) return 0
    const at = now ?? (await databaseTime(tx))
    const scheduled = await listScheduled(tx)
    await forgetAllBut(
      tx,
      scheduled.map(one => one.functionId),
    )
    let created = 0
    for (const one of scheduled) if (await createTick(tx, one, at)) created++
    if (created > 0) crashPoint('cron.before_commit')
    return created
  })
  if (amount > 0) crashPoint('cron.after_commit')
  return amount
}

async function databaseTime(tx: Tx): Promise<Date> {
  const [row] = await tx.execute<{ now: string }>(sql`select now()::text as now`)
  if (!row) throw new Error('now() gave no row')
  return new Date(row.now)
}

async function createTick(tx: Tx, scheduled: Scheduled, now: Date): Promise<boolean> {
  const since = scheduled.since ? new Date(scheduled.since) : firstSeen(scheduled, now)
  if (!scheduled.since) await countFrom(tx, scheduled.functionId, scheduled.expression, since)
  const parsed = parseCron(scheduled.expression)
  if ('problem' in parsed) return false // the build refused it; only an older program could have stored one
  const earliest = Math.max(since.getTime(), now.getTime() - catchUpMs)
  const tick = newestFireTime(parsed.cron, new Date(earliest), now)
  return tick !== null && insertTick(tx, scheduled, tick)
}

/** The minute under way counts if the expression was in force when it began. */
function firstSeen(scheduled: Scheduled, now: Date): Date {
  const minute = Math.floor(now.getTime() / minuteMs) * minuteMs
  return new Date(Math.max(minute - 1, new Date(scheduled.releasedAt).getTime()))
}
