// What can go wrong for a caller. `code` is the server's word for it (docs/calling.md) and stays the same where messages change.

export interface ErrorDetails {
  /** As the server says it; `unreachable` where none answered, `misconfigured` where nobody was asked. */
  code?: string | undefined
  /** HTTP status of the answer. */
  status?: number | undefined
  cause?: unknown
}

export class SluiceError extends Error {
  readonly code: string
  readonly status: number | undefined

  constructor(message: string, { code, status, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = new.target.name
    this.code = code ?? 'internal'
    this.status = status
  }
}

export class ExecutionNotFound extends SluiceError {}
export class ExecutionNotCancellable extends SluiceError {}
export class ExecutionAbortingAlreadyInProgress extends SluiceError {}
export class ExecutionNotReschedulable extends SluiceError {}
/** It ended, and there is no result: it returned nothing, or was cancelled. */
export class ExecutionResultNotAvailable extends SluiceError {}
export class ExecutionResultNotAvailableYet extends SluiceError {}

/** What the function threw, as far as it can be told elsewhere: with its own name, message and stack. */
export class ExecutionFailed extends SluiceError {
  readonly executionId: string

  constructor(executionId: string, thrown: unknown) {
    const { name, message, stack, cause } = readThrown(thrown)
    super(message ?? `execution ${executionId} has failed`, { code: 'execution_failed', cause })
    this.executionId = executionId
    if (name !== undefined) this.name = name
    if (stack !== undefined) this.stack = stack
  }
}

function readThrown(thrown: unknown) {
  const given = typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {}
  const text = (key: string) => (typeof given[key] === 'string' ? given[key] : undefined)
  return { name: text('name'), message: text('message'), stack: text('stack'), cause: given.cause }
}
