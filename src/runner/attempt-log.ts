// The output of one attempt on its way to where it is kept: while it runs once a second, then what is left, without the values of its
// variables. One that says nothing costs nothing.
import type { Mask } from '../builds/mask.ts'
import type { KeepLog, LogLevel } from '../executions/ports.ts'
import { createCappedLines } from './capped-lines.ts'
import { longestText } from './log-lines.ts'
import { printable } from './printable.ts'

export interface AttemptLog {
  add(level: LogLevel, atMs: number, text: string): void
  /** Whether so much has come that most of what follows will be dropped. */
  isOver(): boolean
  end(): void
}

const cappedBytes = 1024 * 1024
const handOverMs = 1_000

export function createAttemptLog(
  keep: KeepLog,
  attempt: { executionId: string; number: number },
  mask: Mask = text => text,
): AttemptLog {
  // A line of the greatest length may be cut, and go on in the next.
  let goesOn = false
  let lines: ReturnType<typeof createCappedLines> | null = null
  let timer: NodeJS.Timeout | undefined
  const { executionId, number } = attempt
  let batch = 0
  const hand = (all: ReturnType<typeof createCappedLines>, isLast: boolean) => {
    const ready = isLast ? all.takeRest() : all.takeFirst()
    if (ready.length > 0) keep({ executionId, attempt: number, batch: batch++, lines: ready })
  }
  function begin() {
    const made = createCappedLines(cappedBytes)
    timer = setInterval(hand, handOverMs, made, false).unref()
    return made
  }
  return {
    add(level, atMs, text) {
      lines ??= begin()
      lines.add({ level, atMs, text: mask(printable(text), goesOn) })
      goesOn = text.length >= longestText
    },
    isOver: () => lines?.isOver() ?? false,
    end() {
      clearInterval(timer)
      if (lines) hand(lines, true)
    },
  }
}
