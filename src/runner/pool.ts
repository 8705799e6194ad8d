// Warm children: after a call a child waits for the next one of the same version. It ends after a while, when others need the
// room, or when a call of its function comes by that is of another version or finds other variables: then its own are old. One
// that was started ahead of its version's first call is not old yet.
import type { Child } from './child-process.ts'

/** What a child was started for; only a call of the same is run in it. */
export interface Purpose {
  versionId: string
  functionId: string
  /** What it finds in its environment: the same object as long as nothing of it changes. */
  environment: Readonly<Record<string, string>>
}

export interface Kept extends Purpose {
  child: Child
  /** That it has run. */
  calls: number
}

export interface Pool {
  /** A waiting child of that purpose; it is the caller's until kept again. */
  take(purpose: Purpose): Kept | null
  keep(kept: Kept): void
  /** Its process has ended. */
  forget(kept: Kept): void
  /** How many wait that have run nothing yet. */
  unused(): number
  /** Ends them all; from now on nothing is kept. */
  close(): Promise<void>
}

export function createPool(size: number, idleMs: number): Pool {
  // In the order in which they came.
  const waiting = new Map<Kept, NodeJS.Timeout>()
  let closed = false
  function forget(one: Kept): void {
    clearTimeout(waiting.get(one))
    waiting.delete(one)
  }
  function end(one: Kept): void {
    forget(one)
    one.child.kill()
  }
  return {
    take({ versionId, functionId, environment }) {
      let newest: Kept | null = null
      for (const one of waiting.keys()) {
        if (one.functionId !== functionId) continue
        const fits = one.versionId === versionId && one.environment === environment
        if (fits && one.child.isAlive()) newest = one
        else if (one.calls > 0 || one.versionId === versionId) end(one)
      }
      if (newest !== null) forget(newest)
      return newest
    },
    keep(one) {
      if (closed || !one.child.isAlive()) return one.child.kill()
      waiting.set(one, setTimeout(end, idleMs, one).unref())
      const [oldest] = waiting.keys()
      if (waiting.size > size && oldest) end(oldest)
    },
    forget,
    unused: () => [...waiting.keys()].filter(one => one.calls === 0).length,
    async close() {
      closed = true
      const last = [...waiting.keys()]
      for (const one of last) end(one)
      await Promise.all(last.map(one => one.child.ended))
    },
  }
}
