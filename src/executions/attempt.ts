// One claimed execution from start to settled: run it, then decide what its end means and write that. While the database is
// away the end is kept and tried again; the fencing token makes a late write harmless.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Claimed } from './claim-store.ts'
import { becomes, type Exit, type NotBegun, type Transition } from './outcome.ts'
import type { Payloads } from './payloads.ts'
import type { Attempt, Runner } from './ports.ts'
import type { Settle, Settled } from './settle.ts'
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

/** Resolves when its process is free for the next; never rejects. */
export async function runAttempt(
  { payloads, runner, log }: AttemptDeps,
  { execution, signal }: UnderWay,
  mayBegin: () => boolean | Promise<boolean>,
): Promise<Exit | NotBegun> {
  const exit = await withArguments(payloads, execution)
    .then(whole => runner.run(attemptOf(whole), signal, mayBegin))
    .catch((error: unknown): Exit => ({ kind: 'unavailable', message: messageOf(error) }))
  if (exit.kind === 'unavailable') log.warn(about(execution), `attempt could not be made: ${exit.message}`)
  return exit
}

async function withArguments(payloads: Payloads, execution: Claimed): Promise<Claimed> {
  return { ...execution, arguments: await payloads.read(execution.arguments) }
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

function attemptOf(execution: Claimed): Attempt {
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
    arguments: execution.arguments,
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
