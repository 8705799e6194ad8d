// Looks at Sluice's database while it runs, and remembers how each execution ended when it was first seen finished: a finished
// one must never change.
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateStore } from './state-store.ts'

export interface Observer {
  seen: ReadonlyMap<string, string>
  stop(): Promise<void>
}

const lookMs = 1_000
const finished = new Set(['succeeded', 'failed', 'cancelled', 'aborted', 'discarded'])

export function observe(state: StateStore): Observer {
  const seen = new Map<string, string>()
  const stopping = new AbortController()
  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      // PostgreSQL may be away: then the next look sees it.
      for (const one of await state.executions().catch(() => []))
        if (finished.has(one.state) && !seen.has(one.id)) seen.set(one.id, one.state)
      await sleep(lookMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const looking = look()
  return {
    seen,
    async stop() {
      stopping.abort()
      await looking
    },
  }
}
