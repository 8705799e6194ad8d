// Warm children: after a call a child waits for the next one of the same version. It ends after a while, when others need the
// room, or when a call of another version of its function comes by: then its own is no longer the active one.
import type { Child } from './child-process.ts'

export interface Kept {
  child: Child
  versionId: string
  functionId: string
}

export interface Pool {
  /** A waiting child of that version; it is the caller's until kept again. */
  take(versionId: string, functionId: string): Child | null
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
    take(versionId, functionId) {
      for (const one of waiting.filter(
        kept => kept.functionId === functionId && kept.versionId !== versionId,
      ))
        end(one)
      const one = waiting.findLast(kept => kept.versionId === versionId && kept.child.isAlive())
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
