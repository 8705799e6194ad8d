// One run: pushes to all branches side by side, each waiting now and then for what it pushed, while GitHub misbehaves and processes
// die; then everything comes to rest, GitHub misbehaving still, and what stands there is read. Judges nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../random.ts'
import type { Facts } from './facts.ts'
import { createWorld, type Wanted, type World } from './world.ts'

export interface Ran {
  facts: Facts
  close(clean: boolean): Promise<void>
}

type Say = (line: string) => void

export async function runPushes(wanted: Wanted, say: Say): Promise<Ran> {
  say('Starting PostgreSQL, the local GitHub, web and builder …')
  const world = await createWorld(wanted)
  say(`Everything of this run is in ${world.folder}`)
  try {
    const random = createRandom(wanted.seed)
    world.misbehave()
    const lanes = lanesOf(wanted, random)
    let pushed = 0
    const every = Math.max(1, Math.floor(wanted.pushes / Math.max(1, wanted.kills)))
    const killing = killAll(world, wanted, random, () => Math.floor(pushed / every), say)
    await Promise.all(
      lanes.map(async (waits, branch) => {
        for (const wait of waits) {
          const sha = await world.push(branch)
          pushed += 1
          if (pushed % 10 === 0) say(`${pushed} pushed`)
          if (wait) await world.checked(branch, sha)
        }
      }),
    )
    pushed = Number.POSITIVE_INFINITY
    await killing
    say('Everything is pushed: waiting until nothing is left to do')
    await rest(world)
    say('At rest')
    return { facts: await world.facts(), close: clean => world.close(clean) }
  } catch (error) {
    await world.close(false)
    throw error
  }
}

/** For each branch its pushes, and after which of them it waits for the check. */
function lanesOf({ pushes, branches }: Wanted, random: Random): boolean[][] {
  const lanes: boolean[][] = Array.from({ length: branches }, () => [])
  for (let index = 0; index < pushes; index++) lanes[index % branches]?.push(random.next() < 0.5)
  return lanes
}

/** As many kills as are due by the pushes so far; the rest one after another. */
async function killAll(
  world: World,
  { kills }: Wanted,
  random: Random,
  due: () => number,
  say: Say,
): Promise<void> {
  for (let done = 0; done < kills; ) {
    if (done >= due()) {
      await sleep(20)
      continue
    }
    done += 1
    const slot = random.pick(['web', 'builder'] as const)
    say(`kill ${done} of ${kills}: ${slot}`)
    await world.kill(slot)
  }
}

const quietMs = 3_000

/** Twice in a row, some time apart: what rests may be waiting for a webhook that is still under way. */
async function rest(world: World): Promise<void> {
  for (let since = Date.now(); Date.now() - since < quietMs; await sleep(200))
    if (!(await world.isAtRest())) since = Date.now()
}
