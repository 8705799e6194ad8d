// Say it once, react elsewhere: `append` stores events in the caller's transaction and, in the same one, marks every report
// they touch as wanted and wakes its reporter. It knows no reporter: app.ts hands in what each listens to.
import { sql } from 'drizzle-orm'
import type { Db, Pool, Tx } from '../db/client.ts'
import type { Jobs } from '../db/jobs.ts'
import { events, reports } from '../db/schema.ts'
import type { Event, ReportTarget, Via } from './types.ts'

export type Append = (tx: Tx, ...happened: Event[]) => Promise<void>

/** What every verb of the domains needs. */
export interface Core {
  db: Db
  /** For what is said to other processes at once, also where `db` is a transaction that is not committed yet. */
  pool: Pool
  jobs: Jobs
  append: Append
}

export type TargetsOf = (event: Event) => ReportTarget[]

export function createAppend(jobs: Jobs, subscribers: readonly TargetsOf[]): Append {
  return async (tx, ...happened) => {
    if (happened.length === 0) return
    await tx.insert(events).values(happened.map(toRow))
    const targets = happened.flatMap(event => subscribers.flatMap(targetsOf => targetsOf(event)))
    const wanted = await want(tx, distinct(targets))
    await jobs.sendAll(
      tx,
      'report',
      wanted.map(reportId => ({ data: { reportId }, key: reportId })),
    )
  }
}

/** The same, for a surface: all that happens in it was asked for there. */
export function askedVia<T extends Pick<Core, 'append'>>(core: T, via: Via): T {
  return {
    ...core,
    append: (tx, ...happened) => core.append(tx, ...happened.map(event => ({ via, ...event }))),
  }
}

function toRow(event: Event) {
  const { pullNumber, ...row } = event
  return { ...row, data: { ...event.data, ...(pullNumber ? { pullNumber } : {}) } }
}

/** In one order for everybody, so that two transactions that touch the same reports cannot deadlock. */
function distinct(targets: ReportTarget[]): ReportTarget[] {
  const byKey = new Map(targets.map(target => [`${target.kind} ${target.subject}`, target]))
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}

async function want(tx: Tx, targets: ReportTarget[]): Promise<string[]> {
  if (targets.length === 0) return []
  const rows = await tx
    .insert(reports)
    .values(targets)
    .onConflictDoUpdate({
      target: [reports.kind, reports.subject],
      set: { wanted: sql`${reports.wanted} + 1`, updatedAt: sql`now()` },
    })
    .returning({ id: reports.id })
  return rows.map(row => row.id)
}
