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
  /** Where this page ends; null: it is empty. What comes later begins behind it. */
  last: string | null
}

const pageParts = 8

/** `after`: what the page before said is next; one that is no such word begins anew. */
export async function findLogs(db: Db, executionId: string, after: string | null): Promise<LogPage> {
  const parts = await findParts(db, executionId, keyOf(after), pageParts + 1)
  const page = parts.slice(0, pageParts)
  const end = page.at(-1)
  const last = end ? `${end.attempt}-${end.part}` : null
  return {
    lines: page.flatMap(({ attempt, lines }) => linesOf(lines).map(line => ({ ...line, attempt }))),
    next: parts.length > pageParts ? last : null,
    last,
  }
}

function keyOf(after: string | null): PartKey {
  const [, attempt, part] = /^(\d{1,9})-(\d{1,9})$/.exec(after ?? '') ?? []
  return attempt && part ? { attempt: Number(attempt), part: Number(part) } : { attempt: 0, part: -1 }
}
