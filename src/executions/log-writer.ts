// Stores what functions say, many attempts in one statement and beside everything else: nobody waits for it, and what the database
// cannot take in time is dropped and counted. Losing lines is allowed, losing executions is not.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../db/client.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import { createBell } from './bell.ts'
import { type LogPart, partsOf } from './log-parts.ts'
import { insertParts } from './log-store.ts'
import type { AttemptLines, KeepLog } from './ports.ts'

const gatherMs = 100
const againMs = 1_000
const tries = 5
const mostAtOnce = 200
/** Of text that waits. */
const mostWaiting = 64 * 1024 * 1024

export interface LogWriter extends Service {
  keep: KeepLog
}

export function createLogWriter(db: Db, log: Log): LogWriter {
  const bell = createBell()
  const queue = createQueue(amount => log.warn({ amount }, 'output of functions was dropped: too much waits'))
  let stopping = false
  let loop: Promise<void> = Promise.resolve()

  async function store(parts: LogPart[]): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        return await insertParts(db, parts)
      } catch (error) {
        log.warn({ error }, `output of functions was not stored: ${messageOf(error)}`)
        if (tried === tries || stopping) return
        await sleep(againMs)
      }
    }
  }
  async function run(): Promise<void> {
    while (!stopping || queue.hasMore()) {
      if (!queue.hasMore()) await bell.wait(againMs)
      else if (!stopping) await sleep(gatherMs) // what many say at the same moment is one statement
      const parts = queue.take(mostAtOnce)
      if (parts.length > 0) await store(parts)
    }
  }
  return {
    name: 'function output',
    keep(lines) {
      queue.put(lines)
      bell.ring()
    },
    async start() {
      loop = run()
    },
    async stop(deadline) {
      stopping = true
      bell.ring()
      const giveUp = new AbortController()
      const late = sleep(Math.max(0, deadline.getTime() - Date.now()), undefined, {
        signal: giveUp.signal,
      }).catch(() => {})
      await Promise.race([loop, late])
      giveUp.abort()
    },
  }
}

interface Queue {
  put(lines: AttemptLines): void
  take(most: number): LogPart[]
  hasMore(): boolean
}

/** `full`: so many were dropped. */
function createQueue(full: (amount: number) => void): Queue {
  let waiting: LogPart[] = []
  let chars = 0
  return {
    put(lines) {
      const parts = partsOf(lines)
      const size = parts.reduce((sum, part) => sum + part.lines.length, 0)
      if (chars + size > mostWaiting) return full(parts.length)
      waiting.push(...parts)
      chars += size
    },
    take(most) {
      const taken = waiting.slice(0, most)
      waiting = waiting.slice(most)
      chars -= taken.reduce((sum, part) => sum + part.lines.length, 0)
      return taken
    },
    hasMore: () => waiting.length > 0,
  }
}
