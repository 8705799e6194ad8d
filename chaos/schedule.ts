// Which faults a run has, in which order, and at which share of its calls each begins: from the seed alone. Pure. Each track
// is worked in order by itself; a track waits for the load to come as far as its next step, and the load for the tracks.
import type { CrashPoint } from '../src/crash-point.ts'
import { createRandom, type Random } from './random.ts'

export type Role = 'web' | 'builder' | 'worker'
/** A process of the run: web, builder, worker-1, worker-2 … */
export type Slot = 'web' | 'builder' | `worker-${number}`

export const cuts = ['reset', 'half_close', 'silence', 'delay'] as const
export type Cut = (typeof cuts)[number]
export const statementFaults = ['cut_before', 'cut_after', 'error_before', 'error_after'] as const
export type StatementFault = (typeof statementFaults)[number]
export const changes = ['deploy', 'rollback', 'pause', 'pause_one'] as const
export type Change = (typeof changes)[number]

export type Fault =
  | { kind: 'crash'; slot: Slot; point: CrashPoint; nth: number }
  | { kind: 'kill'; slot: Slot }
  /** `whole`: with its children, as a machine that sleeps; else the process alone. */
  | { kind: 'freeze'; slot: Slot; ms: number; whole: boolean }
  | { kind: 'postgres'; downMs: number }
  | { kind: 'connections'; slot: Slot; cut: Cut; ms: number }
  | { kind: 'statement'; slot: Slot; fault: StatementFault; like: string }
  | { kind: 'change'; change: Change; ms: number }

export interface Step {
  /** How many calls are accepted before it begins. */
  at: number
  fault: Fault
}

export interface Schedule {
  seed: number
  executions: number
  workers: number
  tracks: Record<string, Step[]>
  /** Armed in every worker until one is reached: they wait for the clock, not for what we do. */
  standing: CrashPoint[]
  /** Every one of these must be reached. */
  points: CrashPoint[]
}

export interface Wanted {
  seed: number
  executions: number
  kills: number
  postgresStops: number
  workers: number
}

// In the order of these: one command leads to the next point, and one deletion to the whole of the last.
const webBlocks: CrashPoint[][] = [
  ['webhook.before_commit'],
  ['webhook.after_commit'],
  ['enqueue.after_commit'],
  ['rollback.pinned', 'rollback.before_commit', 'command.after_commit'],
  ['purge.cancelled', 'purge.tombstone', 'purge.before_commit', 'purge.after_commit'],
]
const workerPoints: CrashPoint[] = [
  'claim.before_commit',
  'claim.after_commit',
  'settle.before_commit',
  'settle.after_commit',
]
const cutoverPoints: CrashPoint[] = [
  'cutover.versions',
  'cutover.archived',
  'cutover.switched',
  'cutover.before_commit',
  'build.releasing',
  'build.released',
]
// Of a build's other steps builds-kill.test.ts has a case each: here they are for the longer runs.
const killsForBuilds = 100
const buildPoints: CrashPoint[] = [
  'build.begun',
  'build.fetched',
  'build.installed',
  'build.generated',
  'build.bundled',
  'build.discovered',
  'artifact.written',
  'build.publishing',
  'build.published',
]
const standing: CrashPoint[] = ['cron.before_commit', 'cron.after_commit', 'rescue.before_commit']

/** Statements that make or end something; '' is any. */
const statements = [
  '',
  'update live_executions',
  'insert into live_executions',
  'insert into finished_executions',
  'commit',
] as const

export const slotsOf = (workers: number): Slot[] => [
  'web',
  'builder',
  ...Array.from({ length: workers }, (_, index): Slot => `worker-${index + 1}`),
]

export function planRun(wanted: Wanted): Schedule {
  const { seed, executions, kills, postgresStops, workers } = wanted
  const random = createRandom(seed)
  const crashes = crashesOf(random, workers, kills).slice(0, Math.max(0, kills - standing.length))
  const slots = slotsOf(workers)
  const left = Math.max(0, kills - standing.length - crashes.length)
  const extra = Array.from({ length: left }, (): Fault => ({ kind: 'kill', slot: anyOf(random, slots) }))
  const workerSlots = slots.filter(slot => slot.startsWith('worker'))
  const tracks: Record<string, Step[]> = {}
  for (const slot of slots) {
    const own = crashes.filter(one => one.slot === slot)
    const killed = extra.filter(one => one.kind === 'kill' && one.slot === slot)
    const frozen = slot.startsWith('worker') ? freezes(random, slot, kills, slot === workerSlots.at(-1)) : []
    tracks[slot] = spread(random, executions, mixed(random, own, [...killed, ...frozen]))
  }
  const some = Math.ceil(kills / 3)
  tracks.postgres = spread(
    random,
    executions,
    repeat(postgresStops, () => postgresStop(random)),
  )
  tracks.connections = spread(random, executions, [
    ...repeat(some, () => cut(random, slots)),
    ...repeat(Math.floor(kills / 40), () => longSilence(random, workerSlots)),
  ])
  tracks.statements = spread(
    random,
    executions,
    repeat(2 * some, () => statement(random, slots)),
  )
  tracks.changes = spread(
    random,
    executions,
    repeat(some, () => change(random)),
  )
  const points = [...crashes.map(one => one.point), ...(kills > standing.length ? standing : [])]
  return { seed, executions, workers, tracks, standing: points.filter(isStanding), points }
}

const isStanding = (point: CrashPoint) => standing.includes(point)

type Crash = Extract<Fault, { kind: 'crash' }>

/** Those of the engine first: few kills reach them, and only more the steps of a build. */
function crashesOf(random: Random, workers: number, kills: number): Crash[] {
  const crash = (slot: Slot, point: CrashPoint, nth = 1): Crash => ({ kind: 'crash', slot, point, nth })
  const worker = (point: CrashPoint) => {
    const slot: Slot = `worker-${random.between(1, workers)}`
    return crash(slot, point, random.between(1, 30))
  }
  const web = random.shuffled(webBlocks).flat()
  return [
    ...random.shuffled(workerPoints).map(worker),
    ...web.map(point => crash('web', point)),
    ...random.shuffled(cutoverPoints).map(point => crash('builder', point)),
    ...(kills < killsForBuilds ? [] : random.shuffled(buildPoints).map(point => crash('builder', point))),
  ]
}

/** One of the run sleeps longer than a lease. */
function freezes(random: Random, slot: Slot, kills: number, long: boolean): Fault[] {
  const short = repeat(Math.ceil(kills / 20), (): Fault => {
    const whole = random.next() < 0.5
    return { kind: 'freeze', slot, ms: random.between(200, 4_000), whole }
  })
  return long && kills >= 20 ? [...short, { kind: 'freeze', slot, ms: 36_000, whole: true }] : short
}

const anyOf = <T>(random: Random, items: readonly T[]): T => {
  const [first, ...rest] = items
  if (first === undefined) throw new Error('nothing to choose from')
  return random.pick([first, ...rest])
}

function postgresStop(random: Random): Fault {
  return { kind: 'postgres', downMs: random.between(0, 3_000) }
}

function cut(random: Random, slots: readonly Slot[]): Fault {
  const how = random.pick(cuts)
  return { kind: 'connections', slot: anyOf(random, slots), cut: how, ms: random.between(200, 5_000) }
}

/** Longer than a lease: what runs there has to be ended by its own worker, before another begins it. */
function longSilence(random: Random, workers: readonly Slot[]): Fault {
  return { kind: 'connections', slot: anyOf(random, workers), cut: 'silence', ms: 34_000 }
}

function statement(random: Random, slots: readonly Slot[]): Fault {
  const fault = random.pick(statementFaults)
  return { kind: 'statement', slot: anyOf(random, slots), fault, like: random.pick(statements) }
}

function change(random: Random): Fault {
  return { kind: 'change', change: random.pick(changes), ms: random.between(200, 3_000) }
}

const repeat = <T>(times: number, make: () => T): T[] => Array.from({ length: times }, make)

/** The order of `kept` stays; `added` comes in between. */
function mixed<T>(random: Random, kept: readonly T[], added: readonly T[]): T[] {
  const all = [...kept]
  for (const one of random.shuffled(added)) all.splice(random.between(0, all.length), 0, one)
  return all
}

/** Over the first nine tenths of the calls, so that the last faults still meet work. */
function spread(random: Random, executions: number, faults: readonly Fault[]): Step[] {
  const share = (0.9 * executions) / Math.max(1, faults.length)
  return faults.map((fault, index) => ({ at: Math.floor((index + random.next()) * share), fault }))
}
