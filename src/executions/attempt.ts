// One claimed execution from start to settled: run it, then decide what its end means and write that. While the database is
// away the end is kept and tried again; the fencing token makes a late write harmless.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { mayBeginForMs } from '../functions/start-window.ts'
import type { Log } from '../log.ts'
import type { Claimed } from './claim-store.ts'
import { becomes, type Exit, type NotBegun, type Transition } from './outcome.ts'
import type { Payloads } from './payloads.ts'
import type { Attempt, Call, Runner } from './ports.ts'
import type { Settle, Settled } from './settle.ts'
import type { StartCheck } from './start-check.ts'
import type { UnderWay } from './under-way.ts'

const defaultMaxDurationMs = 30 * 60_000
const settleAgainMs = 500
const settleForMs = 5 * 60_000

export interface AttemptDeps {
  payloads: Payloads
  settle(settle: Settle): Promise<Settled>
  runner: Runner
  log: Log
}

/** Runs attempts of one version in turn; resolves when their process is free for the next, and never rejects. */
export async function runAttempts(
  deps: AttemptDeps,
  attempts: UnderWay[],
  mayBegin: StartCheck,
  ended: (one: UnderWay, exit: Exit | NotBegun) => void,
): Promise<void> {
  const end = (one: UnderWay, exit: Exit | NotBegun) => {
    if (exit.kind === 'unavailable')
      deps.log.warn(about(one.execution), `attempt could not be made: ${exit.message}`)
    ended(one, exit)
  }
  const calls = await Promise.all(attempts.map(one => callOf(deps.payloads, one, mayBegin, end)))
  await deps.runner.run(calls.filter(call => call !== null))
}

/** Null: its arguments are not to be had, and it has ended. */
async function callOf(
  payloads: Payloads,
  one: UnderWay,
  mayBegin: StartCheck,
  end: (one: UnderWay, exit: Exit | NotBegun) => void,
): Promise<Call | null> {
  try {
    return {
      attempt: attemptOf(one.execution, await payloads.read(one.execution.arguments)),
      signal: one.signal,
      mayBegin: () => mayBegin(one),
      beginByMs: () => one.claimedAtMs + mayBeginForMs,
      ended: exit => end(one, exit),
    }
  } catch (error) {
    end(one, { kind: 'unavailable', message: messageOf(error) })
    return null
  }
}

export async function settleAttempt(deps: AttemptDeps, underWay: UnderWay, exit: Exit): Promise<void> {
  const { execution } = underWay
  const tried = { policy: execution.options.retry, retries: execution.retries }
  const transition = becomes(
    exit,
    underWay.stopped() ?? (underWay.isDrained ? 'drained' : null),
    tried,
    Math.random(),
  )
  const settled = await settlePersistently(deps, execution, transition)
  if (settled === 'lost')
    deps.log.warn(about(execution), `dropped (${exit.kind}): the execution is no longer this attempt's`)
  else
    deps.log.debug(
      { ...about(execution), exit: exit.kind },
      settled === 'aborted' ? 'aborted' : transition.to,
    )
}

const about = ({ id, attempt, functionName }: Claimed) => ({ execution: id, attempt, function: functionName })

function attemptOf(execution: Claimed, args: string): Attempt {
  const { maxDuration } = execution.options
  return {
    executionId: execution.id,
    number: execution.attempt,
    environmentId: execution.environmentId,
    functionId: execution.functionId,
    functionName: execution.functionName,
    versionId: execution.versionId,
    bundleDigest: execution.bundleDigest,
    sourceMapDigest: execution.sourceMapDigest,
    arguments: args,
    maxDurationMs: maxDuration === null ? defaultMaxDurationMs : maxDuration * 1_000,
  }
}

async function settlePersistently(deps: AttemptDeps, execution: Claimed, transition: Transition) {
  const { payloads, settle, log } = deps
  const giveUpAtMs = performance.now() + settleForMs
  for (;;) {
    try {
      return await settle({ holder: execution, transition: await withResult(payloads, transition) })
    } catch (error) {
      if (performance.now() > giveUpAtMs) {
        log.error(
          { error, execution: execution.id },
          `the end of an attempt was not stored: ${messageOf(error)}`,
        )
        return 'lost'
      }
      await sleep(settleAgainMs)
    }
  }
}

async function withResult(payloads: Payloads, transition: Transition): Promise<Transition> {
  if (transition.to !== 'succeeded' || transition.result === null) return transition
  return { ...transition, result: await payloads.keep(transition.result) }
}
