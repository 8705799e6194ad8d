// Brings one fault about; resolves when it is over, and what it hit is up again.
import type { Load } from '../load.ts'
import type { Fault } from '../schedule.ts'
import type { World } from '../world.ts'
import { change } from './change.ts'
import { crash } from './crash.ts'
import { freeze } from './freeze.ts'
import { kill } from './kill.ts'

export async function meet(world: World, load: Load, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'crash':
      return crash(world, load, fault.slot, fault.point)
    case 'kill':
      return kill(world, fault.slot)
    case 'freeze':
      return freeze(world, fault.slot, fault.ms, fault.whole)
    case 'postgres':
      return world.postgres.stopImmediately(fault.downMs)
    case 'connections':
      return world.machines.of(fault.slot).proxy.cut(fault.cut, fault.ms)
    case 'statement':
      return world.machines.of(fault.slot).proxy.spoil(fault.fault, fault.like)
    case 'change':
      return change(world, fault.change, fault.ms)
  }
}
