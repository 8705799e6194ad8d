// Warm children: after a call a child waits for the next one of the same version. It ends after a while, when others need the
// room, or when a call of its function comes by that is of another version or finds other variables: then its own are old.
import type { Child } from './child-process.ts'

/** What a child was started for; only a call of the same is run in it. */
export interface Purpose {
  versionId: string
  functionId: string
  /** Stands for the environment it was started with. */
  environment: string
}

export interface Kept extends Purpose {
  child: Child
}

export interface Pool {
  /** A waiting child of that purpose; it is the caller's until kept again. */
  take(purpose: Purpose): Child | null
  keep(kept: Kept): void
  /** Ends them all; from now on nothing is kept. */
  close(): Promise<void>
}

interface Waiting extends Kept {
  timer: NodeJS.Timeout
}

export function createPool(size: number, idleMs: number): Pool {
  let waiting: Waiting[] = []
  let closed = false
  function drop(one: Waiting): void {
    clearTimeout(one.timer)
    waiting = waiting.filter(other => other !== one)
  }
  function end(one: Waiting): void {
    drop(one)
    one.child.kill()
  }
  return {
    take({ versionId, functionId, environment }) {
      const fits = (kept: Waiting) => kept.versionId === versionId && kept.environment === environment
      for (const one of waiting.filter(kept => kept.functionId === functionId && !fits(kept))) end(one)
      const one = waiting.findLast(kept => fits(kept) && kept.child.isAlive())
      if (one) drop(one)
      return one?.child ?? null
    },
    keep(kept) {
      if (closed || !kept.child.isAlive()) return kept.child.kill()
      const one: Waiting = { ...kept, timer: setTimeout(() => end(one), idleMs) }
      one.timer.unref()
      waiting.push(one)
      void kept.child.ended.then(() => drop(one))
      while (waiting.length > size && waiting[0]) end(waiting[0])
    },
    async close() {
      closed = true
      const last = waiting
      for (const one of last) end(one)
      await Promise.all(last.map(one => one.child.ended))
    },
  }
}
