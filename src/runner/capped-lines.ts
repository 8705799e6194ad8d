// The lines of one attempt, up to a cap: the first of them, and the last; what stood between is dropped and counted. Pure.
import type { LogLine } from '../executions/ports.ts'

export interface CappedLines {
  add(line: LogLine): void
  /** Whether more than the first part has come. */
  isOver(): boolean
  /** The first ones that have come since it was asked last. */
  takeFirst(): LogLine[]
  /** All that is left, with a line that says what was dropped. */
  takeRest(): LogLine[]
}

/** Of text, as it is stored: a line costs something even if it is empty. */
const lineBytes = 16

export function createCappedLines(maxBytes: number): CappedLines {
  let first: LogLine[] = []
  let firstBytes = 0
  let last: LogLine[] = []
  let from = 0 // of `last`: what stands before has been dropped
  let lastBytes = 0
  let dropped = { lines: 0, bytes: 0 }
  let over = false

  function drop(): void {
    while (lastBytes > maxBytes) {
      const size = sizeOf(last[from])
      lastBytes -= size
      dropped = { lines: dropped.lines + 1, bytes: dropped.bytes + size - lineBytes }
      from += 1
    }
    if (from < 10_000) return
    last = last.slice(from)
    from = 0
  }

  return {
    add(line) {
      const size = sizeOf(line)
      over ||= firstBytes + size > maxBytes
      if (over) {
        last.push(line)
        lastBytes += size
        drop()
      } else {
        first.push(line)
        firstBytes += size
      }
    },
    isOver: () => over,
    takeFirst() {
      const taken = first
      first = []
      return taken
    },
    takeRest() {
      const rest = last.slice(from)
      const taken = [...this.takeFirst(), ...noteOf(dropped, rest), ...rest]
      last = []
      from = 0
      lastBytes = 0
      return taken
    },
  }
}

const sizeOf = (line: LogLine | undefined) => lineBytes + Buffer.byteLength(line?.text ?? '')

function noteOf({ lines, bytes }: { lines: number; bytes: number }, rest: LogLine[]): LogLine[] {
  const [next] = rest
  if (lines === 0 || !next) return []
  const text = `${lines} lines (${bytes} bytes) of output were dropped here.`
  return [{ atMs: next.atMs, level: 'warn', text }]
}
