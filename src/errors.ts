// The one error class and the table of its codes: HTTP status, whether a retry can help, and who has to act.
// Expected outcomes are values, not errors; what a user's own function throws is data (executions/outcome.ts).

interface Kind {
  status: number
  retryable: boolean
  fault: 'caller' | 'operator' | 'world'
}

export const codes = {
  malformed: { status: 400, retryable: false, fault: 'caller' },
  unauthorized: { status: 401, retryable: false, fault: 'caller' },
  forbidden: { status: 403, retryable: false, fault: 'caller' },
  not_found: { status: 404, retryable: false, fault: 'caller' },
  conflict: { status: 409, retryable: false, fault: 'caller' },
  too_large: { status: 413, retryable: false, fault: 'caller' },
  unsupported_media_type: { status: 415, retryable: false, fault: 'caller' },
  invalid: { status: 422, retryable: false, fault: 'caller' },
  rate_limited: { status: 429, retryable: true, fault: 'caller' },
  misconfigured: { status: 500, retryable: false, fault: 'operator' },
  internal: { status: 500, retryable: true, fault: 'operator' },
  unavailable: { status: 503, retryable: true, fault: 'world' },
} as const satisfies Record<string, Kind>

export type Code = keyof typeof codes

/** A mistake of a caller, or of the world. `message` says what happened, with which id, and what to do next. */
export class AppError extends Error {
  readonly code: Code
  readonly details: Record<string, unknown> | undefined

  constructor(code: Code, message: string, details?: Record<string, unknown>, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return codes[this.code].status
  }
}

/** The text of anything that was thrown, for a log line or a message: never its stack. */
export function messageOf(error: unknown): string {
  const reason = withoutQuery(error)
  return reason instanceof Error ? reason.message : String(reason)
}

/**
 * What PostgreSQL said, without the wrapper of the query builder: that one's message repeats the whole statement and every
 * parameter, a webhook's payload or a function's arguments among them.
 */
export function withoutQuery(error: unknown): unknown {
  const isQuery =
    error instanceof Error && error.message.startsWith('Failed query') && error.cause !== undefined
  return isQuery ? error.cause : error
}

/** Trying again cannot mend it. */
export function isFinal(error: unknown): boolean {
  return error instanceof AppError && !codes[error.code].retryable
}
