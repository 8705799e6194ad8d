// Calls at a steady rate, so many runs a second of so many items each; what the clock says is due is called, however late.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Place, Run } from './place.ts'

const tickMs = 10

export interface Load {
  /** How many were called. Stops. */
  stop(): Promise<number>
}

export function startLoad(place: Place, runsPerSecond: number, itemsOfRun: number): Load {
  const fromMs = performance.now()
  let called = 0
  let stopping = false
  async function run(): Promise<void> {
    while (!stopping) {
      const due = Math.floor(((performance.now() - fromMs) / 1_000) * runsPerSecond)
      if (due > called) {
        const runs = Array.from(
          { length: due - called },
          (_, index): Run => ({ number: called + index + 1, items: itemsOfRun, delayMs: 0 }),
        )
        called = due
        await place.call(runs)
      }
      await sleep(tickMs)
    }
  }
  const running = run()
  return {
    async stop() {
      stopping = true
      await running
      return called
    },
  }
}
