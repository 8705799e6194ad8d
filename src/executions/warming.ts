// The worker's side of warming (functions/warm.ts): of the functions it runs it starts processes of the version that is about to
// go live, as many as it may need in the first moment. Answers that it does, and when they are ready.
import type { Pool } from '../db/client.ts'
import { readMessage, type ToWarm, WarmRequest, warmChannels } from '../functions/warm-channels.ts'
import type { Runner } from './ports.ts'

const lately = 60_000
const mostOfOne = 3

export interface Warming {
  /** One of its executions begins here. */
  noteRun(functionId: string): void
  /** One of its executions has ended here. */
  noteEnd(functionId: string): void
  /** What came by the channel. Never rejects. */
  asked(pool: Pool, text: string): Promise<void>
}

interface Run {
  atMs: number
  atOnce: number
}

export function createWarming(runner: Pick<Runner, 'warm'>, worker: string): Warming {
  const runs = new Map<string, Run>()
  const isRecent = ({ atMs, atOnce }: Run) => atOnce > 0 || performance.now() - atMs < lately

  function forgetOld(): void {
    for (const [functionId, run] of runs) if (!isRecent(run)) runs.delete(functionId)
  }

  async function start(version: ToWarm): Promise<void> {
    const amount = Math.min(mostOfOne, Math.max(1, runs.get(version.functionId)?.atOnce ?? 0))
    await Promise.all(Array.from({ length: amount }, () => runner.warm(version)))
  }

  return {
    noteRun(functionId) {
      const run = runs.get(functionId) ?? { atMs: 0, atOnce: 0 }
      runs.set(functionId, { atMs: performance.now(), atOnce: run.atOnce + 1 })
    },
    noteEnd(functionId) {
      const run = runs.get(functionId)
      if (run) run.atOnce -= 1
    },
    async asked(pool, text) {
      forgetOld()
      const asked = readMessage(WarmRequest, text)
      const versions = (asked?.versions ?? []).filter(one => runs.has(one.functionId))
      if (!asked || versions.length === 0) return
      const tell = (state: 'starting' | 'ready') =>
        pool.$client
          .notify(warmChannels.answer, JSON.stringify({ request: asked.request, worker, state }))
          .catch(() => {}) // whoever waits does not wait for long
      await tell('starting')
      await Promise.all(versions.map(start))
      await tell('ready')
    },
  }
}
