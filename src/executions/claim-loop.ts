// Claims work whenever there is room and something may be due: rung by notifications and by every attempt that ends, and
// once a second by itself, which is the way that always works. Never claims more than it starts in a moment (ahead.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { crashPoint } from '../crash-point.ts'
import { messageOf } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import { type AttemptDeps, runAttempts, settleAttempt } from './attempt.ts'
import type { Bell } from './bell.ts'
import { type Claims, claim } from './claim.ts'
import { handedBack } from './settle-store.ts'
import { type Batch, createSlots, type Slots } from './slots.ts'
import { createStartCheck, type StartCheck } from './start-check.ts'
import type { AttemptsUnderWay, UnderWay } from './under-way.ts'
import type { Warming } from './warming.ts'

const pollMs = 1_000
const contendedMs = 25
// What is left of the deadline when attempts are ended: to kill the processes and to give the executions back.
const giveBackMs = 2_000
// Together well below a lease.
const handBackTries = 20
const handBackAgainMs = 500
// Ended and not stored yet: beyond so many the database is not keeping up, and more work would only add to them.
const mostUnsettled = 1_000

export interface ClaimLoopDeps extends AttemptDeps {
  core: Core
  underWay: AttemptsUnderWay
  bell: Bell
  warming: Pick<Warming, 'noteRun' | 'noteEnd'>
  workerId: string
  concurrency: number
}

export interface ClaimLoop extends Service {
  /** What may start in the environment is being switched, or was. */
  switched(environmentId: string): void
}

export function createClaimLoop(deps: ClaimLoopDeps): ClaimLoop {
  const { core, underWay, bell, log } = deps
  const mayBegin = createStartCheck(core, log)
  let stopping = false
  let loop: Promise<void> = Promise.resolve()
  const slots = createSlots({
    size: deps.concurrency,
    run: batch => runInSlot(deps, mayBegin, batch, slots),
    handBack: all => handBack(deps, all),
  })
  async function run(): Promise<void> {
    let likely: string[] = []
    while (!stopping) {
      const { executions, contended } = await claimSafely(deps, slots, likely)
      likely = executions.length > 0 ? [] : await bell.wait(contended ? contendedMs : pollMs)
    }
  }
  return {
    name: 'executions',
    async start() {
      loop = run()
    },
    switched(environmentId) {
      void slots.clear(one => one.execution.environmentId === environmentId)
      bell.ring()
    },
    async stop(deadline) {
      stopping = true
      bell.ring()
      await loop
      deps.runner.warn('shutting_down')
      await slots.clear()
      await drain(underWay, deadline, log)
    },
  }
}

const nothing: Claims = { executions: [], contended: false }

async function claimSafely(deps: ClaimLoopDeps, slots: Slots, likely: string[]): Promise<Claims> {
  const { core, underWay, workerId, log } = deps
  const room = slots.room()
  if (room.slots + room.ahead === 0 || underWay.size() > mostUnsettled) return nothing
  try {
    const claimedAtMs = performance.now() // before the claim: the lease must not seem younger than it is
    const claims = await claim(core, { workerId, ...room, likely })
    if (claims.executions.length > 0) crashPoint('claim.after_commit')
    slots.add(claims.executions.map(execution => underWay.begin(execution, claimedAtMs)))
    return claims
  } catch (error) {
    log.warn({ error }, `claiming failed, it goes on in a second: ${messageOf(error)}`)
    return nothing
  }
}

/** The slot is free when the attempts have ended; their ends are stored meanwhile. */
async function runInSlot(
  deps: ClaimLoopDeps,
  mayBegin: StartCheck,
  batch: Batch,
  slots: Slots,
): Promise<void> {
  const { functionId } = batch[0].execution
  deps.warming.noteRun(functionId)
  await runAttempts(deps, batch, mayBegin, (one, exit) => {
    if (exit.kind === 'not_begun') return slots.notBegun(one)
    void settleAttempt(deps, one, exit).finally(() => {
      deps.underWay.end(one.execution)
      deps.bell.ring()
    })
  })
  deps.warming.noteEnd(functionId)
  deps.bell.ring()
}

/**
 * One that could not be given back because it is being aborted, or is another's, ends as soon as it begins. So does one of
 * which nobody knows, because no answer came: it may be in the queue again already, or another's. Asked again, the token tells.
 */
async function handBack({ core, underWay, log }: ClaimLoopDeps, all: UnderWay[]): Promise<UnderWay[]> {
  const holders = all.map(one => one.execution)
  for (let tries = 1; tries <= handBackTries; tries++) {
    try {
      const tokens = await handedBack(core.db, holders)
      const kept = all.filter(one => !tokens.has(one.execution.token))
      for (const one of all) if (tokens.has(one.execution.token)) underWay.end(one.execution)
      for (const one of kept) one.stop(tries === 1 ? 'aborted' : 'lease_lost')
      return kept
    } catch (error) {
      log.warn({ error }, `what was claimed ahead could not be given back yet: ${messageOf(error)}`)
      await sleep(handBackAgainMs)
    }
  }
  // Rescued when their leases are over.
  for (const one of all) one.stop('lease_lost')
  return all
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
