// What an execution said, in pages: attempt after attempt, in the order of the lines. Whether the asker may read it is decided by
// who asks: an execution belongs to an environment.
import type { Db } from '../db/client.ts'
import { linesOf } from './log-parts.ts'
import { findParts, type PartKey } from './log-store.ts'
import type { LogLine } from './ports.ts'

export interface LogPage {
  lines: (LogLine & { attempt: number })[]
  /** Gives the next page; null: this is all there is by now. */
  next: string | null
}

const pageParts = 8

/** `after`: what the page before said is next; one that is no such word begins anew. */
export async function findLogs(db: Db, executionId: string, after: string | null): Promise<LogPage> {
  const parts = await findParts(db, executionId, keyOf(after), pageParts + 1)
  const page = parts.slice(0, pageParts)
  const last = parts.length > pageParts ? page.at(-1) : undefined
  return {
    lines: page.flatMap(({ attempt, lines }) => linesOf(lines).map(line => ({ ...line, attempt }))),
    next: last ? `${last.attempt}-${last.part}` : null,
  }
}

function keyOf(after: string | null): PartKey {
  const [, attempt, part] = /^(\d{1,9})-(\d{1,9})$/.exec(after ?? '') ?? []
  return attempt && part ? { attempt: Number(attempt), part: Number(part) } : { attempt: 0, part: -1 }
}
