// Finds the deliveries that GitHub could not bring us: at start and every few minutes it reads GitHub's record since the last
// round (three days at most). What is not here is sent again, once; what did not arrive then either is read from the record
// and stored as if it had come. With `poll` nothing is sent again, as no webhook can reach us: everything is read, every
// few seconds. Rounds are the processes' in common (claimRound), and one that breaks off is begun again where it began.
import { isFinal, messageOf } from '../../errors.ts'
import type { Core } from '../../events/outbox.ts'
import type { Log } from '../../log.ts'
import { every, type Service } from '../../service.ts'
import { createConditional, type Requests } from '../client/conditional.ts'
import { storeDelivery } from '../deliveries/store-delivery.ts'
import { isHeard } from '../deliveries/webhooks.ts'
import { claimRound, readSetting, storedDeliveries, writeSetting } from '../store.ts'
import { listAttempts, readDelivery, sendAgain } from './list-attempts.ts'
import { lookFrom, type Missed, missedOf } from './missed.ts'

export interface RecoverDeps {
  core: Pick<Core, 'db' | 'jobs'>
  asApp(): Promise<Requests>
  log: Log
  /** No webhook can reach us: read what GitHub recorded instead of having it sent. */
  poll: boolean
}

export interface Recovered {
  sentAgain: number
  read: number
  failed: number
}

const roundName = 'deliveries'
const lookedKey = 'deliveries looked at'
const pollMs = 5_000
const recoverMs = 5 * 60_000
/** What was sent again in one round and failed again is looked at in the next, also after a while of standstill. */
const overlapMs = 3_600_000
const pollOverlapMs = 5 * 60_000

export function createRecovery(deps: RecoverDeps): Service {
  const round = recovery(deps)
  const intervalMs = deps.poll ? pollMs : recoverMs
  let isFirst = true
  return every('missed deliveries', intervalMs, deps.log, async signal => {
    // Just started, nobody knows since when nothing could reach us.
    const claimed = await claimRound(deps.core.db, roundName, isFirst ? pollMs : intervalMs * 0.9)
    isFirst = false
    if (claimed) await round(signal)
  })
}

/** One round after the other of this process, which remembers what it has had sent again. */
export function recovery(deps: RecoverDeps): (signal?: AbortSignal) => Promise<Recovered> {
  const conditional = createConditional()
  const asked = new Set<string>()
  return async signal => {
    const { db } = deps.core
    const last = await readSetting(db, lookedKey)
    const since = lookFrom(last ? new Date(last) : null, new Date(), deps.poll ? pollOverlapMs : overlapMs)
    const app = await deps.asApp()
    const attempts = await listAttempts(app, conditional, since)
    const missed = missedOf(attempts, isHeard)
    const here = await storedDeliveries(
      db,
      missed.map(({ guid }) => guid),
    )
    const away = missed.filter(({ guid }) => !here.has(guid))
    const recovered = await recoverAll(deps, app, away, asked, signal)
    // GitHub's clock, not ours: it is what the next round compares with.
    const newest = attempts[0]?.deliveredAt.toISOString()
    if (newest && recovered.failed === 0 && !signal?.aborted) await writeSetting(db, lookedKey, newest)
    tell(deps, recovered)
    return recovered
  }
}

async function recoverAll(
  deps: RecoverDeps,
  app: Requests,
  missed: readonly Missed[],
  asked: Set<string>,
  signal: AbortSignal | undefined,
): Promise<Recovered> {
  const done: Recovered = { sentAgain: 0, read: 0, failed: 0 }
  for (const one of missed) {
    if (signal?.aborted) break
    try {
      if (deps.poll || one.wasSentAgain || asked.has(one.guid)) {
        await storeDelivery(deps.core, await readDelivery(app, one.id))
        done.read++
      } else {
        asked.add(one.guid)
        await sendAgain(app, one.id)
        done.sentAgain++
      }
    } catch (error) {
      // What can never be had must not make every round to come begin before it.
      if (!isFinal(error)) done.failed++
      deps.log.warn({ error, delivery: one.guid }, `missed delivery ${one.guid}: ${messageOf(error)}`)
    }
  }
  return done
}

function tell({ log, poll }: RecoverDeps, { sentAgain, read }: Recovered): void {
  if (poll || sentAgain + read === 0) return
  const what = `${sentAgain} deliveries that did not reach us were asked for again, ${read} were read instead`
  log.warn(
    `${what}. If this goes on, GitHub cannot reach us: "sluice doctor" says more, "--poll" does without.`,
  )
}
