// A build's log, live: lines are stored in small batches while the build goes on, with their stage. What a build may say is
// capped in lines and characters; beyond that one line says so. Never holds back the process that writes.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { cleanLine } from './lines.ts'
import type { Stage } from './states.ts'
import type { LogLine } from './store.ts'

const flushMs = 200
const maxBatch = 100
const maxLines = 20_000
const maxCharacters = 10_000_000

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
  limits = { lines: maxLines, characters: maxCharacters },
): BuildLog {
  let stage: Stage = 'fetching'
  let waiting: LogLine[] = []
  let flushing: Promise<void> = Promise.resolve()
  const left = { ...limits }

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
    if (left.lines === 0) return
    left.lines -= 1
    left.characters -= line.length
    if (left.lines > 0 && left.characters >= 0) {
      waiting.push({ stage, line })
    } else {
      left.lines = 0
      waiting.push({ stage, line: 'The log is full: what follows is not kept.' })
    }
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
      await flush()
    },
  }
}
