// What the end of an attempt makes of its execution. Pure: the worker applies what `becomes` returns and nothing else.
// A failure of the function spends a retry; an end that the platform caused (shutdown, lost artifact store) never does.
import type { RetryPolicy } from '../functions/manifest.ts'
import { retryDelaySeconds } from './retry.ts'

export interface FailureRecord {
  name: string
  message: string
  stack?: string | undefined
  cause?: unknown
}

export type ErrorCode = 'ER0000' | 'ER0001' | 'ER0002' | 'ER0003'

/** How an attempt ended, as the runner saw it. */
export type Exit =
  | { kind: 'returned'; result: string | null }
  | { kind: 'threw'; error: FailureRecord }
  | { kind: 'timed_out'; maxDurationMs: number }
  | { kind: 'out_of_memory'; memoryMb: number }
  | { kind: 'exited'; code: number | null; signal: string | null; stderr: string }
  /** Ended because the caller's signal said so. */
  | { kind: 'stopped' }
  /** The attempt could not be made: its bundle could not be had, or no process could be started. */
  | { kind: 'unavailable'; message: string }

/** It was not to begin any more when a process was ready for it. */
export interface NotBegun {
  kind: 'not_begun'
}

/** Why the worker stopped an attempt. Only the first reason counts. */
export type StopReason = 'aborted' | 'interrupted' | 'drained' | 'lease_lost'

export type Transition =
  | { to: 'succeeded'; result: string | null }
  | { to: 'failed'; error: FailureRecord; code: ErrorCode }
  | { to: 'retryLater'; error: FailureRecord; code: ErrorCode; delaySeconds: number }
  | { to: 'givenBack'; because: string; delaySeconds: number }
  | { to: 'aborted' }
  /** The lease was lost: whoever holds it now decides, this attempt writes nothing. */
  | { to: 'nothing' }

export interface Tried {
  policy: RetryPolicy
  /** Retries spent so far. */
  retries: number
}

const secondsUntilAvailable = 5

export function becomes(exit: Exit, stopped: StopReason | null, tried: Tried, random: number): Transition {
  switch (exit.kind) {
    case 'returned':
      return { to: 'succeeded', result: exit.result }
    case 'stopped':
      return afterStop(stopped)
    case 'unavailable':
      return { to: 'givenBack', because: exit.message, delaySeconds: secondsUntilAvailable }
    default:
      return afterFailure(failureOf(exit), tried, random)
  }
}

function afterStop(stopped: StopReason | null): Transition {
  if (stopped === 'aborted') return { to: 'aborted' }
  if (stopped === 'lease_lost') return { to: 'nothing' }
  const because = stopped === 'drained' ? 'the environment was drained' : 'the worker was shut down'
  return { to: 'givenBack', because, delaySeconds: 0 }
}

interface Failure {
  error: FailureRecord
  code: ErrorCode
}

function afterFailure(failure: Failure, tried: Tried, random: number): Transition {
  const delaySeconds = retryDelaySeconds(tried.policy, tried.retries + 1, random)
  return delaySeconds === null ? { to: 'failed', ...failure } : { to: 'retryLater', ...failure, delaySeconds }
}

type FunctionFailure = Extract<Exit, { kind: 'threw' | 'timed_out' | 'out_of_memory' | 'exited' }>

function failureOf(exit: FunctionFailure): Failure {
  switch (exit.kind) {
    case 'threw':
      return { code: 'ER0000', error: exit.error }
    case 'timed_out':
      return {
        code: 'ER0001',
        error: {
          name: 'TimeoutError',
          message: `The function was still running after its maxDuration of ${exit.maxDurationMs / 1000} s and was ended. Raise maxDuration, or split the work.`,
        },
      }
    case 'out_of_memory':
      return {
        code: 'ER0002',
        error: {
          name: 'OOMError',
          message: `The function used more than its ${exit.memoryMb} MB of memory and was ended. Process the data in smaller pieces.`,
        },
      }
    case 'exited':
      return { code: 'ER0003', error: { name: 'NonZeroExitCodeError', message: exitMessage(exit) } }
  }
}

function exitMessage({ code, signal, stderr }: Extract<Exit, { kind: 'exited' }>): string {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
  const hint = code === 0 ? ' Something called process.exit; return from the function instead.' : ''
  const output = stderr.trim() === '' ? '' : ` Its last output was:\n${stderr.trim()}`
  return `The function's process ${how} before the function returned.${hint}${output}`
}

/** Ends of the platform itself (a worker that vanished) are few and counted apart; the last one fails the execution. */
export const crashesAllowed = 3

export function afterLoss(state: 'running' | 'aborting', crashes: number): 'queued' | 'failed' | 'aborted' {
  if (state === 'aborting') return 'aborted'
  return crashes + 1 >= crashesAllowed ? 'failed' : 'queued'
}

export const lostTooOften: FailureRecord = {
  name: 'WorkerLostError',
  message: `The worker that ran this execution vanished ${crashesAllowed} times, so it is not tried again. If the function takes the whole machine down (memory, disk), change that, then rerun it.`,
}
