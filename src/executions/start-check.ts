// Whether an attempt may begin, asked when its process is ready for it. Soon after its claim it may, without a question; later,
// because a process had to be started or a slot was long in use, what was true at the claim is asked for again: there may have
// been a switch since (functions/start-window.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import { beginsWithinMs } from '../functions/start-window.ts'
import type { Log } from '../log.ts'
import { leaseSeconds } from './claim.ts'
import { confirmed } from './claim-store.ts'
import type { UnderWay } from './under-way.ts'

const askAgainMs = 500

export type StartCheck = (one: UnderWay) => boolean | Promise<boolean>

export function createStartCheck({ db }: Core, log: Log): StartCheck {
  /** While the database is away nothing begins; a lease that ends meanwhile ends this, too. */
  async function confirm(one: UnderWay): Promise<boolean> {
    while (!one.signal.aborted) {
      const askedAtMs = performance.now()
      try {
        if (!(await confirmed(db, one.execution, leaseSeconds))) return false
        one.claimedAtMs = askedAtMs
        if (isFresh(one)) return true
      } catch (error) {
        log.warn({ error, execution: one.execution.id }, `an attempt waits to begin: ${messageOf(error)}`)
        await sleep(askAgainMs)
      }
    }
    return false
  }
  return one => isFresh(one) || confirm(one)
}

function isFresh({ claimedAtMs }: UnderWay): boolean {
  return performance.now() - claimedAtMs < beginsWithinMs
}
