// What runs at once, and what is claimed ahead of it: the oldest begins as soon as a slot is free. What does not begin in time
// goes back to the queue, as if it had never been claimed.
import { handBackAfterMs, meanWith, type Room, roomFor } from './ahead.ts'
import type { UnderWay } from './under-way.ts'

export interface SlotsDeps {
  size: number
  /** Resolves when the attempt no longer needs its slot. */
  run(one: UnderWay): Promise<void>
  /** Resolves to those that stay ours, because they could not be given back. */
  handBack(all: UnderWay[]): Promise<UnderWay[]>
}

export interface Slots {
  room(): Room
  add(all: UnderWay[]): void
  /** What has not begun goes back to the queue: all of it, or those. */
  clear(which?: (one: UnderWay) => boolean): Promise<void>
}

export function createSlots({ size, run, handBack }: SlotsDeps): Slots {
  let ready: UnderWay[] = []
  let busy = 0
  let attemptMs: number | null = null

  async function begin(one: UnderWay): Promise<void> {
    busy += 1
    const fromMs = performance.now()
    await run(one)
    attemptMs = meanWith(attemptMs, performance.now() - fromMs)
    busy -= 1
    fill()
  }

  function fill(): void {
    while (busy < size) {
      const one = ready.shift()
      if (!one) return
      void begin(one)
    }
  }

  async function giveBack(late: UnderWay[]): Promise<void> {
    if (late.length === 0) return
    const going = new Set(late)
    ready = ready.filter(one => !going.has(one))
    attemptMs = null // what was seen is no measure any more
    ready.unshift(...(await handBack(late)))
    fill()
  }

  return {
    room: () => roomFor(size, busy, ready.length, attemptMs),
    add(all) {
      ready.push(...all)
      fill()
      const added = new Set(ready)
      if (added.size > 0)
        setTimeout(() => void giveBack(ready.filter(one => added.has(one))), handBackAfterMs).unref()
    },
    clear: (which = () => true) => giveBack(ready.filter(which)),
  }
}
