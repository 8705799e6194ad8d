// Enqueues, and waits for what comes of it: asks the server, soon at first and then every two seconds.
import type { AnyFunction, BackgroundFunction } from './define.ts'
import { ExecutionFailed, ExecutionResultNotAvailable, SluiceError } from './errors.ts'
import { getExecution, getExecutionResult } from './executions.ts'
import { sleep } from './sleep.ts'

export interface WaitOptions {
  /** Stops the waiting, and not the execution. */
  signal?: AbortSignal | undefined
}

const firstWaitMs = 100
const longestWaitMs = 2_000

/** What the function returned; undefined where it returned nothing. @throws ExecutionFailed with what it threw. */
export function awaitResult<F extends AnyFunction>(fn: BackgroundFunction<F>, options: WaitOptions = {}) {
  return async (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> => {
    const { id } = await fn(...args)
    return waitForResult<Awaited<ReturnType<F>>>(id, options)
  }
}

export async function waitForResult<T = unknown>(id: string, { signal }: WaitOptions = {}): Promise<T> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 1.5)) {
    signal?.throwIfAborted()
    const { state } = await getExecution(id)
    switch (state) {
      case 'succeed':
        return resultOf<T>(id)
      case 'failed':
        throw new ExecutionFailed(id, await resultOf(id))
      case 'aborted':
      case 'cancelled':
      case 'discarded':
        throw new SluiceError(`Execution ${id} was ${state}.`, { code: `execution_${state}` })
      default:
        await sleep(waitMs, signal)
    }
  }
}

async function resultOf<T>(id: string): Promise<T> {
  try {
    return await getExecutionResult<T>(id)
  } catch (error) {
    if (error instanceof ExecutionResultNotAvailable) return undefined as T // it returned nothing
    throw error
  }
}
