// Executions as callers see them, read from the server's answer.
import { SluiceError } from './errors.ts'

export type ExecutionState =
  | ('created' | 'started' | 'succeed' | 'failed')
  | ('cancelled' | 'aborting' | 'aborted' | 'discarded')

export type ExecutionErrorCode = 'ER0000' | 'ER0001' | 'ER0002' | 'ER0003'

export interface Execution {
  id: string
  state: ExecutionState
  functionName: string
  functionId: string
  scheduledAt: Date
  createdAt: Date
  updatedAt: Date
}

export function toExecution(data: unknown): Execution {
  const given = recordOf(data)
  const text = (name: string) => {
    const value = given[name]
    if (typeof value === 'string') return value
    throw new SluiceError(`The server's answer was not understood: an execution without ${name}.`)
  }
  return {
    id: text('id'),
    state: text('state') as ExecutionState, // the protocol's words
    functionName: text('function_name'),
    functionId: text('function_id'),
    scheduledAt: new Date(text('scheduled_at')),
    createdAt: new Date(text('created_at')),
    updatedAt: new Date(text('updated_at')),
  }
}

/** What stands under `data` in an answer. */
export function dataOf(body: unknown): unknown {
  return recordOf(body).data
}

export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
