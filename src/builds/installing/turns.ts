// Of builds that need the same done at the same time, one does it and the others wait: for their turn, not for its result,
// so that whoever comes after one that failed or was ended does the work itself. Of this process only: between processes
// both may do it, and the cache keeps one.
export interface Turns {
  /** Runs `work` when no other work under this key goes on. `waits` is told whose turn it is until then. */
  take<Result>(
    turn: { key: string; by: string; signal: AbortSignal; waits(by: string): void },
    work: () => Promise<Result>,
  ): Promise<Result>
}

export function createTurns(): Turns {
  const last = new Map<string, { by: string; over: Promise<void> }>()
  return {
    async take({ key, by, signal, waits }, work) {
      const before = last.get(key)
      const own = Promise.withResolvers<void>()
      const over = (before?.over ?? Promise.resolve()).then(() => own.promise)
      const turn = { by, over }
      last.set(key, turn)
      over.then(() => last.get(key) === turn && last.delete(key))
      try {
        if (before) {
          waits(before.by)
          await unlessAborted(before.over, signal)
        }
        signal.throwIfAborted()
        return await work()
      } finally {
        own.resolve()
      }
    },
  }
}

function unlessAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return Promise.race([done, aborted.promise]).finally(() => signal.removeEventListener('abort', abort))
}
