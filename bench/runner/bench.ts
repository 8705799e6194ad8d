// `npm run bench -- runner`: what a child process costs. Its start with a bundle beside `node -e 0` within the
// same walls, in turn; its memory while it waits; a call in it, cold and warm; and how exactly a grace is kept.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runOne } from '../../test/support/runner.ts'
import { compare, compareExact, median, percentile, type Result } from '../result.ts'
import { inMs } from '../table.ts'
import { bundled, type Code, createPlace, type Place, pssMb } from './place.ts'
import type { Cost } from './start.ts'

interface Options {
  rounds: number
  executions: number
  keep: boolean
}

const slots = 4
const settleMs = 2_000
const mostMb = 25
const graceMs = 300

export async function benchRunner({ rounds, executions, keep }: Options): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const place = await createPlace(folder)
  const driver = await bundled(sources.driver)
  const results = [
    ...(await benchStart(place, driver, rounds, say)),
    ...(await benchCalls(place, executions, say)),
    await benchMemory(place, driver, folder, say),
    await benchGrace(place, rounds, say),
  ]
  await place.runner.stop()
  say('')
  for (const { name, ratio, peer } of results) say(`${name}: ${ratio} × ${peer}`)
  if (keep) say(`\nEverything is kept in ${folder}`)
  else await rm(folder, { recursive: true, force: true })
  return results
}

type Say = (line: string) => void

const sources = {
  /** Nothing but code, 100 kB of it. */
  code: "import { sql } from 'drizzle-orm'\nimport { PgDialect } from 'drizzle-orm/pg-core'\nexport default text => new PgDialect().sqlToQuery(sql.raw(text))",
  /** What a database driver brings of Node's own: tls, crypto. A call takes a moment: several at once have a child each. */
  driver:
    "import postgres from 'postgres'\nexport default () => new Promise(done => setTimeout(done, 300, postgres.length))",
}

/**
 * In turn, so that what else the machine does meets all of them; of many, the tenth that were least disturbed. Beside the clock
 * stands the processor's time, which depends far less on who else is there.
 */
async function benchStart(place: Place, driver: Code, rounds: number, say: Say): Promise<Result[]> {
  const code = await bundled(sources.code)
  const empty = { ...code, bundle: Buffer.from('export default () => 0') }
  const kinds = { 'cold start': code, 'cold start with a driver': driver, 'cold start without code': empty }
  const node: Cost[] = []
  const cold = Object.entries(kinds).map(([name, bundle]) => ({ name, bundle, costs: [] as Cost[] }))
  for (const { bundle } of cold) await place.cold(bundle) // what is read for the first time is read from the disk
  for (let round = 0; round < rounds * 4; round++) {
    node.push(await place.node())
    for (const { bundle, costs } of cold) costs.push(await place.cold(bundle))
  }
  const peer = undisturbed(node)
  return cold.flatMap(({ name, bundle, costs }) => {
    const { ms, processorMs } = undisturbed(costs)
    const size = `${Math.ceil(bundle.bundle.length / 1_000)} kB`
    say(
      `${name} (${size}): ${inMs(ms)}, of the processor ${inMs(processorMs)}; node -e 0: ${inMs(peer.ms)}, ${inMs(peer.processorMs)}`,
    )
    return [
      compare(name, ms, 'node -e 0', peer.ms),
      compare(`${name}, processor`, processorMs, 'node -e 0', peer.processorMs),
    ]
  })
}

function undisturbed(costs: Cost[]): Cost {
  const low = (of: (cost: Cost) => number) => percentile(costs.map(of), 0.1)
  return { ms: low(cost => cost.ms), processorMs: low(cost => cost.processorMs) }
}

/** The runner alone: without the queue, over as many children as a worker of four slots has. */
async function benchCalls(place: Place, executions: number, say: Say): Promise<Result[]> {
  const quick = await bundled('export default value => value')
  const leaving = await bundled('export default value => { setTimeout(() => {}, 60_000); return value }')
  const call = async (code: typeof quick) => {
    const fromMs = performance.now()
    const exit = await runOne(place.runner, place.attempt(code, [1]))
    if (exit.kind !== 'returned') throw new Error(`the call did not return: ${JSON.stringify(exit)}`)
    return performance.now() - fromMs
  }
  await call(quick)
  const warm: number[] = []
  for (let index = 0; index < 200; index++) warm.push(await call(quick))
  const cold: number[] = []
  await call(leaving)
  for (let index = 0; index < 10; index++) cold.push(await call(leaving))
  const attempt = place.attempt(quick, [1])
  await Promise.all(Array.from({ length: slots }, () => runOne(place.runner, attempt)))
  let left = executions * 5
  const total = left
  const fromMs = performance.now()
  const work = async () => {
    while (left-- > 0) await runOne(place.runner, attempt)
  }
  await Promise.all(Array.from({ length: slots }, work))
  const perSecond = Math.round(total / ((performance.now() - fromMs) / 1_000))
  say(
    `a call: warm p50 ${median(warm).toFixed(2)} ms, p99 ${percentile(warm, 0.99).toFixed(2)} ms; where the one before left a timer: ${inMs(median(cold))}`,
  )
  say(`${slots} children: ${perSecond} calls a second`)
  return [compareExact('call after one that left a timer', 'ms', median(cold), 'warm call', median(warm))]
}

async function benchMemory(place: Place, code: Code, folder: string, say: Say): Promise<Result> {
  await Promise.all(Array.from({ length: slots }, () => runOne(place.runner, place.attempt(code))))
  await sleep(settleMs)
  const { processes, mb } = await pssMb(path.join(folder, 'program'))
  say(`${slots} waiting children (${processes} processes, walls among them): ${mb.toFixed(1)} MB PSS`)
  return compareExact('idle child', 'MB', mb / slots, 'bar', mostMb)
}

/** One that listens and goes on, out of time: how much later than its grace it is gone. */
async function benchGrace(place: Place, rounds: number, say: Say): Promise<Result> {
  const code = await bundled(
    "const signal = () => globalThis[Symbol.for('sluice.signal')]\nexport default forever => forever && (signal(), new Promise(() => {}))",
  )
  const late: number[] = []
  for (let round = 0; round < rounds * 2; round++) {
    await runOne(place.runner, place.attempt(code, [false]))
    const maxDurationMs = 200
    const fromMs = performance.now()
    const attempt = { ...place.attempt(code, [true]), maxDurationMs, graceMs }
    const { kind } = await runOne(place.runner, attempt)
    if (kind !== 'timed_out') throw new Error(`it did not time out: ${kind}`)
    late.push(performance.now() - fromMs - maxDurationMs - graceMs)
  }
  say(`a grace of ${graceMs} ms: kept to ${Math.max(...late).toFixed(1)} ms at worst`)
  return compareExact('end after grace', 'ms', graceMs + Math.max(...late), 'grace', graceMs)
}
