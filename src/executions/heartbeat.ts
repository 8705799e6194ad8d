// Keeps the leases of this worker's attempts, on a connection of its own: work that fills the pool must not cost a lease. An
// attempt whose lease could not be renewed is ended 5 s before the lease is over (self-fencing), and one that the database
// gives to somebody else is ended at once; neither writes anything.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Database } from '../db/client.ts'
import type { Log } from '../log.ts'
import { every, type Service } from '../service.ts'
import { leaseSeconds } from './claim.ts'
import { abortingAmong, renewed } from './lease-store.ts'
import type { AttemptsUnderWay, UnderWay } from './under-way.ts'

const heartbeatMs = 10_000
const fenceAfterMs = (leaseSeconds - 5) * 1_000
const answerWithinMs = 8_000

export interface HeartbeatDeps {
  url: string
  underWay: AttemptsUnderWay
  log: Log
}

export function createHeartbeat({ url, underWay, log }: HeartbeatDeps): Service[] {
  const connection = createConnection(url)
  const renew = every('execution heartbeat', heartbeatMs, log, () => renewAll(connection, underWay, log))
  // Apart from the heartbeat: it must come in time also while a renewal hangs.
  const fence = every('execution fence', 500, log, async () => fenceExpired(underWay, performance.now(), log))
  return [
    fence,
    {
      ...renew,
      async stop(deadline) {
        await renew.stop(deadline)
        await connection.close()
      },
    },
  ]
}

/** Only attempts begun before the question are judged by its answer. */
async function renewAll(connection: Connection, underWay: AttemptsUnderWay, log: Log): Promise<void> {
  const asked = underWay.all()
  if (asked.length === 0) return
  const askedAtMs = performance.now()
  const tokens = asked.map(one => one.execution.token)
  const rows = await connection.ask(({ db }) => renewed(db, { tokens, leaseSeconds }))
  const ours = new Map(rows.map(row => [row.token, row.state]))
  for (const one of asked) {
    const state = ours.get(one.execution.token)
    if (state === undefined) loseIfUnderWay(underWay, one, log)
    else one.renewedAtMs = askedAtMs
    if (state === 'aborting') one.stop('aborted')
  }
}

/** Settled meanwhile is not lost: then it is under way no more. */
function loseIfUnderWay(underWay: AttemptsUnderWay, one: UnderWay, log: Log): void {
  const { id, attempt, token } = one.execution
  if (underWay.find(token) !== one) return
  log.warn({ execution: id, attempt }, 'lease_lost: the execution was given to another attempt')
  one.stop('lease_lost')
}

export function fenceExpired(underWay: AttemptsUnderWay, nowMs: number, log: Log): void {
  for (const one of underWay.all()) {
    if (nowMs - one.renewedAtMs < fenceAfterMs || one.stopped()) continue
    const { id, attempt } = one.execution
    log.warn({ execution: id, attempt }, 'lease_lost: it could not be renewed in time, the attempt is ended')
    one.stop('lease_lost')
  }
}

/** Stops those that are to be aborted. */
export async function stopAborting(database: Database, underWay: AttemptsUnderWay): Promise<void> {
  const tokens = underWay.all().map(one => one.execution.token)
  if (tokens.length === 0) return
  for (const { token } of await abortingAmong(database.db, { tokens })) underWay.find(token)?.stop('aborted')
}

interface Connection {
  ask<T>(question: (database: Database) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A connection that does not answer in time is half open (RELIABILITY.md F41): the next question gets a new one. */
function createConnection(url: string): Connection {
  const open = () => connect(url, { max: 1, name: 'sluice heartbeat', planning: 'by index' })
  let database = open()
  return {
    async ask(question) {
      const giveUp = new AbortController()
      const late = sleep(answerWithinMs, undefined, { signal: giveUp.signal }).then(() => {
        const silent = database
        database = open()
        void silent.driver.end({ timeout: 0 }).catch(() => {})
        throw new Error(`PostgreSQL did not answer within ${answerWithinMs / 1000} s`)
      })
      late.catch(() => {})
      try {
        return await Promise.race([question(database), late])
      } finally {
        giveUp.abort()
      }
    },
    close: () => database.close(),
  }
}
