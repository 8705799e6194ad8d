// kill -9 of one process, at any moment.
import type { Slot } from '../schedule.ts'
import type { World } from '../world.ts'

export async function kill(world: World, slot: Slot): Promise<void> {
  const { process } = world.machines.of(slot)
  await process.up()
  await process.kill()
  await process.up()
}
