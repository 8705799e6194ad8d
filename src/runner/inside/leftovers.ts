// Whether something that a call began goes on after it: then no other call is to share the process. Timers, requests under way,
// servers, workers and processes count, beyond those that stood when the code was loaded. Connections do not: pools keep them,
// and they do nothing by themselves. What comes of such a connection later, and fails, fails no later call.
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'

export interface Leftovers {
  /** The code is loaded: what stands now is the module's own. */
  loaded(): void
  any(): boolean
}

const connections = new Set(['PipeWrap', 'TCPSocketWrap', 'TLSWrap', 'TTYWrap', 'UDPWrap'])

/** `isLate`: asked in the async context of what failed. */
export function watchLeftovers(isLate: () => boolean): Leftovers {
  const active = process.getActiveResourcesInfo.bind(process)
  let atLoad: Map<string, number> | null = null
  let workersAtLoad = 0
  let workers = 0
  let failed = false
  // They are in no list.
  process.on('worker', worker => {
    workers += 1
    worker.once('exit', () => (workers -= 1))
  })
  process.on('uncaughtException', error => {
    if (isLate()) failed = true
    // The function's own listeners decide, as they would without ours.
    else if (process.listenerCount('uncaughtException') === 1) crash(error)
  })
  return {
    loaded() {
      atLoad = count(active())
      workersAtLoad = workers
    },
    any() {
      if (failed || workers > workersAtLoad) return true
      const now = active()
      // Of the usual call nothing is left: no need to count.
      if (now.length <= 1) return false
      for (const [kind, amount] of count(now)) if (amount > (atLoad?.get(kind) ?? 0)) return true
      return false
    },
  }
}

function count(kinds: string[]): Map<string, number> {
  const counted = new Map<string, number>()
  for (const kind of kinds) if (!connections.has(kind)) counted.set(kind, (counted.get(kind) ?? 0) + 1)
  return counted
}

/** As Node does it where nobody listens. */
function crash(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? String(error)) : `Uncaught ${inspect(error)}`
  try {
    writeSync(2, `${text}\n`)
  } catch {
    // nobody reads any more, or not fast enough
  }
  return process.exit(1)
}
