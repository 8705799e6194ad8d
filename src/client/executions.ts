// What can be asked about executions, and done to them.
import { type Duration, dateOf } from './duration.ts'
import {
  ExecutionAbortingAlreadyInProgress,
  ExecutionNotCancellable,
  ExecutionNotFound,
  ExecutionNotReschedulable,
  ExecutionResultNotAvailable,
  ExecutionResultNotAvailableYet,
} from './errors.ts'
import { dataOf, type Execution, toExecution } from './execution.ts'
import { type Answer, refused, send } from './request.ts'

export async function getExecution(id: string): Promise<Execution> {
  const answer = await send({ method: 'GET', path: pathOf(id), repeatable: true })
  return executionIn(answer)
}

/** Of one that failed: what it threw. @throws ExecutionResultNotAvailable, also where the function returned nothing. */
export async function getExecutionResult<T = unknown>(id: string): Promise<T> {
  const answer = await send({ method: 'GET', path: `${pathOf(id)}/results`, repeatable: true })
  if (answer.status === 200) return answer.body as T // the caller's word for it
  if (answer.status === 202) throw refused(answer, ExecutionResultNotAvailableYet)
  if (answer.status === 204)
    throw new ExecutionResultNotAvailable(`Execution ${id} has no result.`, {
      status: 204,
      code: 'no_result',
    })
  throw refusedOf(answer)
}

/** By force also one that has started: its function hears of it by signal(). */
export async function cancelExecution(id: string, force = false): Promise<Execution> {
  const answer = await send({
    method: 'POST',
    path: `${pathOf(id)}/cancellation`,
    body: { force },
    repeatable: false,
  })
  if (answer.status === 202) throw refused(answer, ExecutionAbortingAlreadyInProgress)
  if (answer.status === 409) throw refused(answer, ExecutionNotCancellable)
  return executionIn(answer)
}

/** Left out: now. Only what has not started. */
export async function rescheduleExecution(id: string, time?: Duration | Date): Promise<Execution> {
  const scheduleFor = time === undefined ? new Date() : dateOf(time)
  const answer = await send({
    method: 'PATCH',
    path: `${pathOf(id)}/schedule`,
    body: { schedule_for: scheduleFor.toISOString() },
    repeatable: true,
  })
  if (answer.status === 409) throw refused(answer, ExecutionNotReschedulable)
  return executionIn(answer)
}

/** A new execution with the arguments and metadata of one that has finished. */
export async function rerunExecution(id: string): Promise<Execution> {
  const answer = await send({ method: 'POST', path: `${pathOf(id)}/reruns`, body: {}, repeatable: false })
  return executionIn(answer)
}

export const pathOf = (id: string) => `/public/v2/executions/${encodeURIComponent(id)}`

function executionIn(answer: Answer): Execution {
  if (answer.status === 200) return toExecution(dataOf(answer.body))
  throw refusedOf(answer)
}

export function refusedOf(answer: Answer) {
  return answer.status === 404 ? refused(answer, ExecutionNotFound) : refused(answer)
}
