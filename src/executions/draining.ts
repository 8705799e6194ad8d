// The worker's side of a drain (functions/drain.ts): attempts of an environment that is drained are told at once, and those that
// are not done when their grace is over are given back. How long that is is counted by PostgreSQL from the drain's beginning:
// whoever hears of it late gives no more time.

import type { Db } from '../db/client.ts'
import { type Drain, drainsAmong } from './drain-watch-store.ts'
import type { Runner } from './ports.ts'
import type { AttemptsUnderWay, UnderWay } from './under-way.ts'

export interface Draining {
  /** Asks which environments are drained that something is under way of. */
  look(db: Db): Promise<void>
}

export function createDraining(underWay: AttemptsUnderWay, runner: Pick<Runner, 'warn'>): Draining {
  const ends = new Map<UnderWay, NodeJS.Timeout>()

  function follow(one: UnderWay, drain: Drain): void {
    one.isDrained = true
    clearTimeout(ends.get(one))
    const graceMs = (one.execution.options.grace ?? drain.graceSeconds) * 1_000
    const end = setTimeout(() => one.stop('drained'), Math.max(0, graceMs - drain.elapsedMs))
    ends.set(one, end.unref())
  }

  /** It has ended, or its environment goes on. */
  function forget(one: UnderWay): void {
    clearTimeout(ends.get(one))
    ends.delete(one)
  }

  return {
    async look(db) {
      const all = underWay.all()
      const drains = await drainsAmong(db, [...new Set(all.map(one => one.execution.environmentId))])
      const drainOf = (one: UnderWay) => drains.find(it => it.environmentId === one.execution.environmentId)
      const told = new Set<string>()
      for (const one of all) {
        const drain = drainOf(one)
        if (drain && !one.isDrained) told.add(drain.environmentId)
        if (drain) follow(one, drain)
      }
      for (const one of ends.keys())
        if (underWay.find(one.execution.token) !== one || !drainOf(one)) forget(one)
      for (const environmentId of told) runner.warn('draining', environmentId)
    },
  }
}
