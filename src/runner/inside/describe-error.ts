// What a function threw, as a record that survives JSON: name, message, source-mapped stack, cause. Throwing is the function's
// right, so whatever it threw is described; nothing here may throw in turn. Runs inside the child.

import type { FailureRecord } from '../../executions/outcome.ts'

const maxChars = 64 * 1024
const maxCauses = 5

export interface Folders {
  /** Of the platform's own code: from its first frame on, or its loader's, a stack means nothing to the reader. */
  ours: string
  /** Of the bundle: what stands below it are paths of the repository. */
  bundle: string
}

export function describeError(thrown: unknown, folders: Folders): FailureRecord {
  try {
    return describe(thrown, folders, 0)
  } catch {
    return { name: 'Error', message: 'The function threw something that cannot be described.' }
  }
}

function describe(thrown: unknown, folders: Folders, depth: number): FailureRecord {
  if (!(thrown instanceof Error)) return { name: 'Error', message: textOf(thrown) }
  const record: FailureRecord = {
    name: String(thrown.name || 'Error').slice(0, 1_000),
    message: String(thrown.message).slice(0, maxChars),
  }
  if (typeof thrown.stack === 'string') record.stack = readable(thrown.stack, folders).slice(0, maxChars)
  if (thrown.cause !== undefined && depth < maxCauses)
    record.cause =
      thrown.cause instanceof Error ? describe(thrown.cause, folders, depth + 1) : textOf(thrown.cause)
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

function readable(stack: string, { ours, bundle }: Folders): string {
  const lines = stack.split('\n')
  const end = lines.findIndex(line => line.includes(`${ours}/`) || line.includes('(node:internal/modules/'))
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .join('\n')
    .replaceAll(`file://${bundle}/`, '')
    .replaceAll(`${bundle}/`, '')
}
