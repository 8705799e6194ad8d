// One claimed execution from start to settled: run it, then decide what its end means and write that. While the database is
// away the end is kept and tried again; the fencing token makes a late write harmless.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Claimed } from './claim-store.ts'
import { becomes, type Exit, type Transition } from './outcome.ts'
import type { Attempt, Runner } from './ports.ts'
import type { Settle, Settled } from './settle.ts'
import type { UnderWay } from './under-way.ts'

const defaultMaxDurationMs = 30 * 60_000
const settleAgainMs = 500
const settleForMs = 5 * 60_000

export interface AttemptDeps {
  settle(settle: Settle): Promise<Settled>
  runner: Runner
  log: Log
}

/** Resolves when its process is free for the next; never rejects. */
export async function runAttempt(
  { runner, log }: AttemptDeps,
  { execution, signal }: UnderWay,
): Promise<Exit> {
  const exit = await runner
    .run(attemptOf(execution), signal)
    .catch((error: unknown): Exit => ({ kind: 'unavailable', message: messageOf(error) }))
  if (exit.kind === 'unavailable') log.warn(about(execution), `attempt could not be made: ${exit.message}`)
  return exit
}

export async function settleAttempt(deps: AttemptDeps, underWay: UnderWay, exit: Exit): Promise<void> {
  const { execution } = underWay
  const tried = { policy: execution.options.retry, retries: execution.retries }
  const transition = becomes(exit, underWay.stopped(), tried, Math.random())
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

async function settlePersistently({ settle, log }: AttemptDeps, execution: Claimed, transition: Transition) {
  const giveUpAtMs = performance.now() + settleForMs
  for (;;) {
    try {
      return await settle({ holder: execution, transition })
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
