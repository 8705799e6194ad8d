// Claims work whenever a slot is free and something may be due: rung by notifications and by every attempt that ends, and
// once a second by itself, which is the way that always works. Never claims more than it can start at once.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import { type AttemptDeps, runAttempt } from './attempt.ts'
import type { Bell } from './bell.ts'
import { type Claims, claim } from './claim.ts'
import type { AttemptsUnderWay } from './under-way.ts'

const pollMs = 1_000
const contendedMs = 25
// What is left of the deadline when attempts are ended: to kill the processes and to give the executions back.
const giveBackMs = 2_000

export interface ClaimLoopDeps extends AttemptDeps {
  core: Core
  underWay: AttemptsUnderWay
  bell: Bell
  workerId: string
  concurrency: number
}

export function createClaimLoop(deps: ClaimLoopDeps): Service {
  const { underWay, bell, log } = deps
  let stopping = false
  let loop: Promise<void> = Promise.resolve()
  async function run(): Promise<void> {
    while (!stopping) {
      const claims = await claimSafely(deps)
      if (claims.executions.length === 0) await bell.wait(claims.contended ? contendedMs : pollMs)
    }
  }
  return {
    name: 'executions',
    async start() {
      loop = run()
    },
    async stop(deadline) {
      stopping = true
      bell.ring()
      await loop
      await drain(underWay, deadline, log)
    },
  }
}

const nothing: Claims = { executions: [], contended: false }

async function claimSafely(deps: ClaimLoopDeps): Promise<Claims> {
  const { core, underWay, workerId, concurrency, log } = deps
  const slots = concurrency - underWay.size()
  if (slots <= 0) return nothing
  try {
    const claimedAtMs = performance.now() // before the claim: the lease must not seem younger than it is
    const claims = await claim(core, { workerId, slots })
    for (const execution of claims.executions) begin(deps, execution, claimedAtMs)
    return claims
  } catch (error) {
    log.warn({ error }, `claiming failed, it goes on in a second: ${messageOf(error)}`)
    return nothing
  }
}

function begin(deps: ClaimLoopDeps, execution: Claims['executions'][number], claimedAtMs: number): void {
  const one = deps.underWay.begin(execution, claimedAtMs)
  void runAttempt(deps, one).finally(() => {
    deps.underWay.end(execution)
    deps.bell.ring()
  })
}

/** Waits for the attempts to end by themselves; before the deadline the rest is ended and given back. */
async function drain(underWay: AttemptsUnderWay, deadline: Date, log: Log): Promise<void> {
  const leftMs = Math.max(0, deadline.getTime() - Date.now())
  const giveBack = setTimeout(
    () => {
      if (underWay.size() > 0)
        log.info({ attempts: underWay.size() }, 'the grace is over, attempts are given back')
      for (const one of underWay.all()) one.stop('interrupted')
    },
    Math.max(0, leftMs - giveBackMs),
  )
  // What could not be given back by then is rescued when its lease is over.
  const giveUp = new AbortController()
  const late = sleep(leftMs, undefined, { signal: giveUp.signal }).catch(() => {})
  await Promise.race([underWay.drained(), late])
  clearTimeout(giveBack)
  giveUp.abort()
}
