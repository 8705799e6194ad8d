// A build's log, live: lines are stored in small batches while the build goes on, with their stage. What a build may say is
// capped: its first half is stored as it comes, of the rest the end is kept and stored when the build closes its log, with one
// line between that says how much was left out. Never holds back the process that writes.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { leftOut } from './processes/flood.ts'
import { cleanLine } from './processes/lines.ts'
import type { Stage } from './states.ts'
import type { LogLine } from './store.ts'

const flushMs = 200
const maxBatch = 100
const maxLines = 20_000
const maxCharacters = 10_000_000

interface LogLimits {
  lines: number
  characters: number
}

export interface BuildLog {
  enter(stage: Stage): void
  /** One line, or several. */
  say(text: string): void
  /** Stores what is left. @throws when that could not be stored. */
  close(): Promise<void>
}

export function createBuildLog(
  insert: (lines: LogLine[]) => Promise<void>,
  log: Log,
  limits: LogLimits = { lines: maxLines, characters: maxCharacters },
): BuildLog {
  let stage: Stage = 'fetching'
  let waiting: LogLine[] = []
  let flushing: Promise<void> = Promise.resolve()
  const half = { lines: Math.ceil(limits.lines / 2), characters: Math.ceil(limits.characters / 2) }
  const left = { ...half }
  let tail = createTail(half)

  // One insert after the other, so that lines keep their order; those of a failed one wait for the next.
  function flush(): Promise<void> {
    flushing = flushing
      .catch(() => {})
      .then(async () => {
        while (waiting.length > 0) {
          const batch = waiting.slice(0, maxBatch)
          await insert(batch)
          waiting = waiting.slice(batch.length)
        }
      })
    return flushing
  }
  const warn = (error: unknown) => log.warn({ error }, `build log: ${messageOf(error)}`)
  const timer = setInterval(() => void flush().catch(warn), flushMs)

  function add(line: string): void {
    left.lines -= 1
    left.characters -= line.length
    if (left.lines >= 0 && left.characters >= 0) waiting.push({ stage, line })
    else tail.add({ stage, line })
    if (waiting.length === maxBatch) void flush().catch(warn)
  }

  return {
    enter(next) {
      stage = next
    },
    say(text) {
      for (const line of text.split('\n')) add(cleanLine(line))
    },
    async close() {
      clearInterval(timer)
      waiting.push(...tail.lines())
      tail = createTail(half)
      await flush()
    },
  }
}

/** The last lines within the limits, and what is left out before them. */
function createTail(limits: LogLimits) {
  const kept: LogLine[] = []
  const left = { ...limits }
  const dropped = { lines: 0, characters: 0 }
  let first = 0

  function drop(): void {
    const length = kept[first]?.line.length ?? 0
    left.lines += 1
    left.characters += length
    dropped.lines += 1
    dropped.characters += length
    first += 1
    // Taking them out one by one would move all others each time.
    if (first > limits.lines) {
      kept.splice(0, first)
      first = 0
    }
  }

  return {
    add(line: LogLine): void {
      kept.push(line)
      left.lines -= 1
      left.characters -= line.line.length
      while (left.lines < 0 || left.characters < 0) drop()
    },
    lines(): LogLine[] {
      const lines = kept.slice(first)
      if (dropped.lines === 0) return lines
      const stage = lines[0]?.stage ?? 'fetching'
      const size = `${dropped.lines} lines (${(dropped.characters / 1e6).toFixed(1)} MB)`
      return [{ stage, line: leftOut(size) }, ...lines]
    },
  }
}
