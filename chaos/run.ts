// One run from its schedule: the load and the tracks of faults side by side, then everything heals, comes to its end, and what
// is known of it is collected. Judges nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../sandbox/demo/wait.ts'
import { type Facts, type Healed, readFacts } from './facts.ts'
import { meet } from './faults/meet.ts'
import { createLoad, type Load, plain } from './load.ts'
import { observe } from './observe.ts'
import { createRandom } from './random.ts'
import type { Schedule, Step } from './schedule.ts'
import { createWorld, type World } from './world.ts'

export interface Progress {
  say(line: string): void
  fault(step: Step): void
}

// How far the load may run ahead of the track that is furthest behind.
const aheadShare = 0.08

export interface Ran {
  facts: Facts
  close(clean: boolean): Promise<void>
}

/** `brokenOff` rejects when somebody has had enough. */
export async function runChaos(
  schedule: Schedule,
  brokenOff: Promise<never>,
  progress: Progress,
): Promise<Ran> {
  progress.say('Starting PostgreSQL, the local GitHub, and the processes …')
  const world = await createWorld(schedule)
  progress.say(`Everything of this run is in ${world.folder}`)
  try {
    const facts = await Promise.race([runIn(world, schedule, progress), brokenOff])
    return { facts, close: clean => world.close(clean) }
  } catch (error) {
    await world.close(false)
    throw error
  }
}

async function runIn(world: World, schedule: Schedule, progress: Progress): Promise<Facts> {
  const { webUrl: url, token } = world
  const random = createRandom(schedule.seed + 1)
  const load = createLoad({ url, token, random, executions: schedule.executions })
  const observer = observe(world.state)
  await withFaults(world, load, schedule, progress)
  progress.say('Healing: everything is started again, and nothing is in its way')
  const healed = await heal(world, load)
  progress.say('Waiting for what is left to finish')
  await finish(world, progress)
  await observer.stop()
  return readFacts(world, load, schedule, observer.seen, healed)
}

async function withFaults(world: World, load: Load, schedule: Schedule, progress: Progress): Promise<void> {
  const tracks = Object.entries(schedule.tracks)
  const nextAt = new Map(tracks.map(([name, steps]) => [name, steps[0]?.at ?? Number.POSITIVE_INFINITY]))
  const slack = Math.max(20, Math.ceil(schedule.executions * aheadShare))
  const allow = () => load.allow(Math.min(...nextAt.values()) + slack)
  allow()
  await arm(world, schedule)
  const loaded = load.run()
  const met = tracks.map(async ([name, steps]) => {
    for (const [index, step] of steps.entries()) {
      await load.reached(Math.min(step.at, schedule.executions))
      progress.fault(step)
      await meet(world, load, step.fault)
      nextAt.set(name, steps[index + 1]?.at ?? Number.POSITIVE_INFINITY)
      allow()
    }
  })
  // Together: what is refused ends the run, and its processes with it.
  await Promise.all([loaded, ...met])
}

/** Each process is started with the next point of its track armed; those that run were not, so they are the first killed. */
async function arm(world: World, schedule: Schedule): Promise<void> {
  world.machines.armStanding()
  for (const [slot, process] of world.machines.processes) {
    const steps = schedule.tracks[slot] ?? []
    const crashes = steps.flatMap(({ fault }) => (fault.kind === 'crash' ? [fault] : []))
    process.arm(crashes)
    if (crashes.length > 0) await process.kill()
  }
  await world.machines.allUp()
}

/** Resolves to when everything was as it should be. */
async function heal(world: World, load: Load): Promise<Healed> {
  const processes = [...world.machines.processes]
  for (const [slot, process] of processes) {
    world.machines.of(slot).proxy.heal()
    process.disarm()
  }
  // Everything dies at once (F18).
  await Promise.all(processes.map(([, process]) => process.kill()))
  await world.machines.allUp()
  const healedMs = Date.now()
  const probe = await load.one(plain('probe'), 'probe')
  await waitFor('the probe', async () =>
    world.ledger.entries.some(one => one.key === probe.key && one.what === 'end') ? true : null,
  )
  const progressMs = Date.now() - healedMs
  await world.repository.redeliver()
  const { hub, issue } = world.repository
  await hub.command(issue, 'alice', '/resume production')
  const check = await world.repository.hub.check(await world.repository.push(), 'production')
  return { healedMs, progressMs, lastCheck: `${check.conclusion}` }
}

/** Until nothing is left, or nothing has changed for longer than anything may take. */
async function finish(world: World, progress: Progress): Promise<void> {
  const quietMs = 90_000
  let left = await world.state.unfinished()
  let changedMs = Date.now()
  while (left > 0 && Date.now() - changedMs < quietMs) {
    await sleep(200)
    const now = await world.state.unfinished()
    if (now !== left) changedMs = Date.now()
    left = now
  }
  progress.say(left === 0 ? 'Everything has finished' : `${left} have not finished`)
}
