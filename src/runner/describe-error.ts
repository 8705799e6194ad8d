// What a function threw, as a record that survives JSON: name, message, source-mapped stack, cause. Throwing is the function's
// right, so whatever it threw is described; nothing here may throw in turn. Runs inside the child.

export interface ErrorRecord {
  name: string
  message: string
  stack?: string
  cause?: unknown
}

const maxChars = 64 * 1024
const maxCauses = 5

/** `ours`: a path of the platform's own code, whose frames mean nothing to the reader. */
export function describeError(thrown: unknown, ours: string): ErrorRecord {
  try {
    return describe(thrown, ours, 0)
  } catch {
    return { name: 'Error', message: 'The function threw something that cannot be described.' }
  }
}

function describe(thrown: unknown, ours: string, depth: number): ErrorRecord {
  if (!(thrown instanceof Error)) return { name: 'Error', message: textOf(thrown) }
  const record: ErrorRecord = {
    name: String(thrown.name || 'Error').slice(0, 1_000),
    message: String(thrown.message).slice(0, maxChars),
  }
  if (typeof thrown.stack === 'string') record.stack = withoutFrames(thrown.stack, ours).slice(0, maxChars)
  if (thrown.cause !== undefined && depth < maxCauses)
    record.cause =
      thrown.cause instanceof Error ? describe(thrown.cause, ours, depth + 1) : textOf(thrown.cause)
  return record
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, maxChars)
  // An error from another realm, or a library's own: its message says more than its JSON.
  if (typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string')
    return value.message.slice(0, maxChars)
  const json = typeof value === 'object' ? JSON.stringify(value) : undefined
  return (json ?? String(value)).slice(0, maxChars)
}

function withoutFrames(stack: string, ours: string): string {
  return stack
    .split('\n')
    .filter(line => !line.includes(ours))
    .join('\n')
}
