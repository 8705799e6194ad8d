// A process stands still (SIGSTOP) and goes on: alone, as a debugger would have it, or with all its children, as a machine
// whose lid was closed.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Slot } from '../schedule.ts'
import { signal, treeOf } from '../tree.ts'
import type { World } from '../world.ts'

export async function freeze(world: World, slot: Slot, ms: number, whole: boolean): Promise<void> {
  const { process } = world.machines.of(slot)
  await process.up()
  const life = process.life()
  // The oldest first: whoever starts children stands still before they are counted.
  signal([life.pid], 'SIGSTOP')
  const pids = whole ? treeOf(life.pid) : [life.pid]
  signal(pids, 'SIGSTOP')
  const fromMs = Date.now()
  const frozen = { fromMs, toMs: Number.POSITIVE_INFINITY }
  life.frozen.push(frozen)
  await sleep(ms)
  frozen.toMs = Date.now()
  signal(pids.toReversed(), 'SIGCONT')
}
