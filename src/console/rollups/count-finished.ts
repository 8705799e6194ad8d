// Counts what has finished since the last time, every few seconds, in one of the processes; and sees to what is over: hours too old
// to be looked at, sessions that ended. What is not counted yet, pages count themselves: it is little.
import type { Db } from '../../db/client.ts'
import { messageOf } from '../../errors.ts'
import { listSpans } from '../../executions/history-store.ts'
import { settledUntil } from '../../executions/settled-store.ts'
import type { Log } from '../../log.ts'
import { every, type Service } from '../../service.ts'
import { sweepSessions } from '../session/sessions-store.ts'
import {
  count,
  forgetOldHours,
  indexPartition,
  lockProgress,
  partitionsWithoutIndex,
  progressed,
} from './rollup-store.ts'

const intervalMs = 5_000
const marginMs = 2_000
const roundsBetweenSweeps = 120

export function createRollups(db: Db, log: Log): Service {
  let round = 0
  return every('rollups', intervalMs, log, async signal => {
    if (round++ % roundsBetweenSweeps === 0) await sweep(db, log)
    while (!signal.aborted && (await countFinished(db)) === 'more');
  })
}

async function sweep(db: Db, log: Log): Promise<void> {
  await sweepSessions(db)
  await forgetOldHours(db)
  // Without it counting reads the whole partition: slower, and right.
  for (const partition of await partitionsWithoutIndex(db))
    await indexPartition(db, partition).catch(error =>
      log.warn({ error, partition }, `the index of ${partition}: ${messageOf(error)}`),
    )
}

/** One partition's worth at most: a history of millions is counted in several transactions. */
export function countFinished(db: Db): Promise<'more' | 'all'> {
  return db.transaction(async tx => {
    const from = await lockProgress(tx)
    if (!from) return 'all'
    const settled = await settledUntil(tx, marginMs)
    if (settled <= from) return 'all'
    const until = firstEnd(await listSpans(db, 'finished_executions'), from, settled)
    await count(tx, from, until)
    await progressed(tx, until)
    return until < settled ? 'more' : 'all'
  })
}

function firstEnd(spans: readonly { from: number; to: number }[], from: Date, settled: Date): Date {
  const ends = spans.map(span => span.to * 1_000).filter(end => end > from.getTime())
  return new Date(Math.min(settled.getTime(), ...ends))
}
