// What runs at once, and what is claimed ahead of it: the oldest begins as soon as a slot is free, with quick ones of the same
// version behind it. What does not begin in time goes back to the queue, as if it had never been claimed.
import { handBackAfterMs, inTurnOf, meanWith, type Room, roomFor } from './ahead.ts'
import type { UnderWay } from './under-way.ts'

export interface SlotsDeps {
  size: number
  /** Resolves when the attempts no longer need their slot. */
  run(batch: Batch): Promise<void>
  /** Resolves to those that stay ours, because they could not be given back. */
  handBack(all: UnderWay[]): Promise<UnderWay[]>
}

/** Attempts of one version, to be made one after another. */
export type Batch = [UnderWay, ...UnderWay[]]

export interface Slots {
  room(): Room
  add(all: UnderWay[]): void
  /** Of what runs: it has not begun, and is not to any more. It goes back to the queue, too. */
  notBegun(one: UnderWay): void
  /** What has not begun goes back to the queue: all of it, or those. */
  clear(which?: (one: UnderWay) => boolean): Promise<void>
}

export function createSlots({ size, run, handBack }: SlotsDeps): Slots {
  let ready: UnderWay[] = []
  let busy = 0
  let attemptMs: number | null = null
  let late: UnderWay[] = []

  async function begin(batch: Batch): Promise<void> {
    busy += 1
    const fromMs = performance.now()
    await run(batch)
    attemptMs = meanWith(attemptMs, (performance.now() - fromMs) / batch.length)
    busy -= 1
    fill()
  }

  function fill(): void {
    while (busy < size) {
      const [first] = ready
      if (!first) return
      const most = inTurnOf(size, ready.length, attemptMs)
      const behind = ready.filter(one => one !== first && isLike(one, first)).slice(0, most - 1)
      const taken = new Set([first, ...behind])
      ready = ready.filter(one => !taken.has(one))
      void begin([first, ...behind])
    }
  }

  async function giveBack(all: UnderWay[]): Promise<void> {
    if (all.length === 0) return
    const going = new Set(all)
    ready = ready.filter(one => !going.has(one))
    attemptMs = null // what was seen is no measure any more
    ready.unshift(...(await handBack(all)))
    fill()
  }

  function giveBackLate(): void {
    const all = late
    late = []
    void giveBack(all)
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
    notBegun(one) {
      late.push(one)
      if (late.length === 1) queueMicrotask(giveBackLate)
    },
    clear: (which = () => true) => giveBack(ready.filter(which)),
  }
}

const isLike = (one: UnderWay, other: UnderWay) => one.execution.versionId === other.execution.versionId
