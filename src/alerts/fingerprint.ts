// Failures of one kind: their errors say the same but for what is different in every call. Pure. What was thrown is a stranger's.

import { oneLine } from '../builds/plain-text.ts'
import { digest } from '../events/digest.ts'

export interface Failing {
  fingerprint: string
  name: string
  message: string
}

const maxMessage = 300

/** Of the JSON that is kept of what failed. */
export function failureOf(record: string | null): Failing {
  const { name, message } = read(record)
  return { fingerprint: digest([name, general(message)]).slice(0, 12), name, message }
}

function read(record: string | null): { name: string; message: string } {
  let parsed: unknown = null
  try {
    parsed = JSON.parse(record ?? 'null')
  } catch {
    // cut off, or not ours
  }
  const field = (key: string) => {
    const value = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : null
    return typeof value === 'string' ? value : ''
  }
  return {
    name: oneLine(field('name'), 100) || 'Error',
    message: oneLine(field('message'), maxMessage),
  }
}

/** What is quoted, and every word with a digit in it: ids, times, amounts, addresses. */
function general(message: string): string {
  return message
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '"…"')
    .replace(/[\w.:-]*\d[\w.:-]*/g, '…')
    .toLowerCase()
}
