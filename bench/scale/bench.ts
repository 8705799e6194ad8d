// `npm run bench -- scale`: what much that waits, and much that is over, costs those who work. A function that holds a million
// executions is paused and resumed beside one that is called; then there are ten thousand functions and ten million executions
// that have finished, and one is claimed; last, what so many executions cost of memory and of the processors.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeData } from '../../sandbox/demo/server.ts'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { migrate } from '../../src/db/migrate.ts'
import { pause } from '../../src/functions/pause.ts'
import { resume } from '../../src/functions/resume.ts'
import { createSluice, type Sluice } from '../engine/sluice.ts'
import { compareExact, median, percentile, type Result } from '../result.ts'
import { usageBeside, usageOf } from '../usage.ts'
import { claimTimesMs } from './claims.ts'
import { addFinished, addFunctions, addHeld, functionNamed } from './fill.ts'

export interface ScaleOptions {
  rounds: number
  executions: number
  held: number
  finished: number
  functions: number
  keep: boolean
}

type Say = (line: string) => void

const calls = 100
const mostPauseMs = 100
const mostClaimMs = 10
const heldName = 'other1'

export async function benchScale(options: ScaleOptions): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const dataDir = path.join(folder, 'data')
  const say: Say = line => void process.stdout.write(`${line}\n`)
  const results = await withSluice(dataDir, folder, async (sluice, url) => [
    ...(await benchHeld(sluice, options, say)),
    ...(await benchFinished(sluice, url, options, say)),
    ...(await benchUsage(sluice, options.executions, say)),
  ])
  say('')
  for (const { name, value, unit, ratio, peer } of results)
    say(`${name}: ${value} ${unit}, ${ratio} × ${peer}`)
  if (options.keep) say(`\nEverything is kept in ${folder}`)
  else {
    await removeData(dataDir)
    await rm(folder, { recursive: true, force: true })
  }
  return results
}

async function withSluice<T>(
  dataDir: string,
  folder: string,
  work: (sluice: Sluice, url: string) => Promise<T>,
): Promise<T> {
  await using opened = new AsyncDisposableStack()
  const cluster = await startCluster(dataDir)
  opened.defer(() => cluster.stop())
  const { driver, close } = connect(cluster.url('postgres'), { max: 1, name: 'bench' })
  await driver.unsafe('create database ours')
  await close()
  const url = cluster.url('ours')
  await migrate(url)
  const sluice = await createSluice(url, folder)
  opened.defer(() => sluice.close())
  return await work(sluice, url)
}

async function benchHeld(sluice: Sluice, { rounds, held }: ScaleOptions, say: Say): Promise<Result[]> {
  const { core, driver, one } = sluice
  const request = { environmentId: one.environmentId, functionName: heldName, actor: 'bench', dryRun: false }
  const pauseMs = () => timed(() => pause(core, { ...request, reason: null, until: null }))
  await addFunctions(driver, one, 1)
  await sluice.startWorking()
  await startsMs(sluice)
  const before = await startsMs(sluice)
  await pauseMs()
  await addHeld(driver, { ...one, id: await functionNamed(driver, one, heldName) }, held)
  say(`${held} are held`)
  const beside = await startsMs(sluice)
  const [pauses, resumes]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    resumes.push(await timed(() => resume(core, request)))
    pauses.push(await pauseMs())
  }
  await sluice.stopWorking()
  const p95 = (times: number[]) => percentile(times, 0.95)
  return [
    compareExact('pause with held, slowest', 'ms', Math.max(...pauses), 'limit', mostPauseMs),
    compareExact('resume with held, slowest', 'ms', Math.max(...resumes), 'limit', mostPauseMs),
    compareExact('enqueue to start p50 beside held', 'ms', median(beside), 'none held', median(before)),
    compareExact('enqueue to start p95 beside held', 'ms', p95(beside), 'none held', p95(before)),
  ]
}

async function benchFinished(
  sluice: Sluice,
  url: string,
  { rounds, functions, finished }: ScaleOptions,
  say: Say,
): Promise<Result[]> {
  const { driver, one } = sluice
  await driver`truncate live_executions`
  const few = await claimTimesMs(url, sluice, rounds * calls)
  await driver`update functions set name = 'held' where name = ${heldName}`
  await addFunctions(driver, one, functions)
  await addFinished(driver, finished, done => say(`${done} have finished`))
  const [row] = await driver<
    { size: string }[]
  >`select pg_size_pretty(pg_database_size(current_database())) as size`
  say(`the database has ${row?.size}`)
  const many = await claimTimesMs(url, sluice, rounds * calls)
  const p95 = percentile(many, 0.95)
  return [
    compareExact('claim p95 over finished', 'ms', p95, 'limit', mostClaimMs),
    compareExact('claim p95 over finished', 'ms', p95, 'none finished', percentile(few, 0.95)),
  ]
}

/** Of this process, which hands in the calls and is the worker, and the functions' processes; PostgreSQL's apart. */
async function benchUsage(sluice: Sluice, executions: number, say: Say): Promise<Result[]> {
  const [row] = await sluice.driver<{ pid: number }[]>`
    select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid`
  const postgres = row?.pid ?? 0
  await sluice.startWorking()
  await startsMs(sluice)
  const idle = usageBeside(process.pid, postgres)
  const postgresIdle = usageOf(postgres)
  await sluice.fill(executions)
  while (!(await sluice.isIdle())) await sleep(lookMs)
  const after = usageBeside(process.pid, postgres)
  const postgresAfter = usageOf(postgres)
  await sluice.stopWorking()
  const perThousand = (ms: number) => (ms * 1_000) / executions
  say(`${executions} were drained`)
  return [
    compareExact(
      'processor time of 1,000 executions',
      'ms',
      perThousand(after.cpuMs - idle.cpuMs),
      'PostgreSQL for them',
      perThousand(postgresAfter.cpuMs - postgresIdle.cpuMs),
    ),
    compareExact('memory after a drain', 'MB', after.memoryMb, 'before it', idle.memoryMb),
  ]
}

const lookMs = 50

async function startsMs(sluice: Sluice): Promise<number[]> {
  const times: number[] = []
  for (let call = 0; call < calls; call++) times.push(await sluice.startLatencyMs())
  return times
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
