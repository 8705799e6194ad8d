// Warns of what makes every claim slower and is nobody's error: a transaction of anybody that stays open (claims took 9 ms instead
// of 1.4 after half a minute of it, RELIABILITY.md F45), and a database that runs out of transaction ids (F47).
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import type { Db } from './client.ts'
import { type DatabaseFacts, databaseFacts } from './facts-store.ts'

const lookEachMs = 30_000
const oldAfterSeconds = 60

export function watchDatabase(db: Db, log: Log): Service {
  return every('database watch', lookEachMs, log, async () => {
    for (const warning of warningsOf(await databaseFacts(db))) log.warn(warning.about, warning.message)
  })
}

export interface Warning {
  about: Record<string, unknown>
  message: string
}

export function warningsOf({ oldest, age, freezeAt }: DatabaseFacts): Warning[] {
  const warnings: Warning[] = []
  if (oldest && oldest.seconds > oldAfterSeconds) {
    const whose = oldest.pid === null ? `the prepared transaction ${oldest.name}` : `"${oldest.name}"`
    const end =
      oldest.pid === null
        ? `rollback prepared '${oldest.name}'`
        : `select pg_terminate_backend(${oldest.pid})`
    warnings.push({
      about: { ...oldest },
      message: `A transaction of ${whose} has been open for ${Math.round(oldest.seconds)} s (${oldest.state}): PostgreSQL can remove no old row meanwhile, and claiming becomes slower. To end it: ${end}`,
    })
  }
  if (age > freezeAt * 1.5) {
    warnings.push({
      about: { age, freezeAt },
      message: `${Math.round(age / 1e6)} million transactions are not frozen; PostgreSQL stops taking writes at 2,100 million. Find what keeps autovacuum from its work, or run: vacuum (freeze)`,
    })
  }
  return warnings
}
