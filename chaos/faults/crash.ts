// A process dies at a named crash point: it was started with the point armed, and here is done what leads there.
import { setTimeout as sleep } from 'node:timers/promises'
import type { CrashPoint } from '../../src/crash-point.ts'
import type { Load } from '../load.ts'
import { plain } from '../load.ts'
import type { Slot } from '../schedule.ts'
import type { World } from '../world.ts'
import { resume } from './change.ts'

const lookMs = 50
// A further push would end the build of the one before; a killed process's command is taken up again after its heartbeat.
const leadAgainMs = 45_000
const giveUpMs = 180_000

/** What is not reached in time is told at the end, by its name. */
export async function crash(world: World, load: Load, slot: Slot, point: CrashPoint): Promise<void> {
  const { process } = world.machines.of(slot)
  const changesRelease = point.startsWith('cutover') || point.startsWith('rollback')
  const work = async () => {
    const giveUpAt = Date.now() + giveUpMs
    while (!world.machines.reached.has(point) && Date.now() < giveUpAt) {
      await process.up()
      if (world.machines.reached.has(point)) break
      if (!process.life().armed.includes(point)) {
        await process.kill()
        continue
      }
      await lead(world, load, point).catch(() => {}) // what leads there meets the other faults
      await reachedOr(world, point, leadAgainMs)
    }
    if (!world.machines.reached.has(point)) await process.kill()
    await process.up()
  }
  await (changesRelease ? world.exclusively(work) : work())
}

async function reachedOr(world: World, point: CrashPoint, ms: number): Promise<void> {
  const until = Date.now() + ms
  while (!world.machines.reached.has(point) && Date.now() < until) await sleep(lookMs)
}

async function lead(world: World, load: Load, point: CrashPoint): Promise<void> {
  const [area] = point.split('.')
  if (area === 'webhook') return world.repository.comment('So far, so good.')
  if (area === 'enqueue') return void (await load.one(plain('quick'), `to ${point} ${Date.now()}`))
  if (area === 'claim' || area === 'settle') return some(load, point)
  if (area === 'rollback') return world.repository.comment('/rollback production')
  if (area === 'command')
    return world.repository.comment('/pause production quick "for a moment"\n/resume production quick')
  if (area === 'purge') return purge(world)
  if (area === 'cutover') await resume(world)
  if (area === 'cutover' || area === 'build' || area === 'artifact')
    return void (await world.repository.push())
}

/** A deletion that is under way leads to the next of its points by itself. */
async function purge(world: World): Promise<void> {
  if ((await world.state.functionState('victim')) === 'pending_deletion') return
  await resume(world)
  await world.repository.push()
  await world.repository.comment('/delete production victim --confirm victim')
}

async function some(load: Load, point: CrashPoint): Promise<void> {
  const name = point === 'claim.before_commit' ? 'oneByOne' : 'quick'
  for (let index = 0; index < 15; index++) await load.one(plain(name), `to ${point} ${Date.now()} ${index}`)
}
