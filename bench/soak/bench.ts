// `npm run bench -- soak`: calls come in and are worked off without a pause, and little history is kept: after a third of the
// time the database has its size, and what it has at the end is compared with that.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeData } from '../../sandbox/demo/server.ts'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { migrate } from '../../src/db/migrate.ts'
import { enqueueBulk } from '../../src/executions/enqueue-bulk.ts'
import { functionName } from '../engine/noop.ts'
import { createSluice, type Sluice } from '../engine/sluice.ts'
import { compareExact, type Result } from '../result.ts'
import { usageOf } from '../usage.ts'

export interface SoakOptions {
  minutes: number
  keep: boolean
}

interface Sample {
  atMs: number
  databaseMb: number
  liveMb: number
  memoryMb: number
  waiting: number
}

const callsPerSecond = 200
const everyMs = 250
const samples = 30
// Of the whole: several times over what is kept is dropped in each third.
const historyShare = 1 / 15

export async function benchSoak({ minutes, keep }: SoakOptions): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const dataDir = path.join(folder, 'data')
  const lengthMs = minutes * 60_000
  const seen = await run(dataDir, folder, lengthMs)
  const third = highest(seen.filter(one => one.atMs <= lengthMs / 3))
  const last = highest(seen.filter(one => one.atMs > (lengthMs * 2) / 3))
  const results = [
    compareExact(
      'database, highest of the last third',
      'MB',
      last.databaseMb,
      'first third',
      third.databaseMb,
    ),
    compareExact('live table, highest of the last third', 'MB', last.liveMb, 'first third', third.liveMb),
    compareExact('memory, highest of the last third', 'MB', last.memoryMb, 'first third', third.memoryMb),
  ]
  for (const { name, value, unit, ratio, peer } of results)
    process.stdout.write(`${name}: ${value} ${unit}, ${ratio} × ${peer}\n`)
  if (keep) process.stdout.write(`\nEverything is kept in ${folder}\n`)
  else {
    await removeData(dataDir)
    await rm(folder, { recursive: true, force: true })
  }
  return results
}

async function run(dataDir: string, folder: string, lengthMs: number): Promise<Sample[]> {
  await using opened = new AsyncDisposableStack()
  const cluster = await startCluster(dataDir)
  opened.defer(() => cluster.stop())
  const { driver, close } = connect(cluster.url('postgres'), { max: 1, name: 'bench' })
  await driver.unsafe('create database ours')
  await close()
  await migrate(cluster.url('ours'))
  const sluice = await createSluice(cluster.url('ours'), folder, Math.ceil((lengthMs / 1_000) * historyShare))
  opened.defer(() => sluice.close())
  await sluice.startWorking()
  opened.defer(() => sluice.stopWorking())
  const from = performance.now()
  const seen: Sample[] = []
  let asked = 0
  while (performance.now() - from < lengthMs) {
    const atMs = performance.now() - from
    const due = Math.floor((atMs / 1_000) * callsPerSecond) - asked
    if (due > 0) await ask(sluice, due)
    asked += due
    if (atMs >= (seen.length * lengthMs) / samples) {
      seen.push(await look(sluice, atMs))
      process.stdout.write(`${line(seen.at(-1), asked)}\n`)
    }
    await sleep(everyMs)
  }
  return seen
}

async function ask({ core, one, wake }: Sluice, amount: number): Promise<void> {
  await enqueueBulk(
    core,
    one.environmentId,
    Array.from({ length: amount }, () => ({ functionName, arguments: [0] })),
  )
  wake()
}

async function look({ driver }: Sluice, atMs: number): Promise<Sample> {
  const [row] = await driver<{ database: number; live: number; waiting: number }[]>`
    select pg_database_size(current_database())::float8 as database,
      pg_total_relation_size('live_executions')::float8 as live,
      (select count(*) from live_executions)::float8 as waiting`
  const mb = (bytes = 0) => bytes / 1024 / 1024
  return {
    atMs,
    databaseMb: mb(row?.database),
    liveMb: mb(row?.live),
    waiting: row?.waiting ?? 0,
    memoryMb: usageOf(process.pid).memoryMb,
  }
}

function highest(all: Sample[]): Pick<Sample, 'databaseMb' | 'liveMb' | 'memoryMb'> {
  const most = (of: (one: Sample) => number) => Math.max(0, ...all.map(of))
  return {
    databaseMb: most(one => one.databaseMb),
    liveMb: most(one => one.liveMb),
    memoryMb: most(one => one.memoryMb),
  }
}

function line(one: Sample | undefined, asked: number): string {
  if (!one) return ''
  const mb = (value: number) => `${value.toFixed(1)} MB`
  return `${(one.atMs / 60_000).toFixed(1)} min: ${asked} calls, ${one.waiting} live; database ${mb(one.databaseMb)}, live table ${mb(one.liveMb)}, memory ${mb(one.memoryMb)}`
}
