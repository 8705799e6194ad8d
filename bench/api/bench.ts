// `npm run bench -- api`: how many calls one web process takes a second over HTTP, each stored before it is answered, beside what
// PostgreSQL alone takes from as many connections that insert such a row each and do nothing else. In turn, on one database.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type postgres from 'postgres'
import { removeData, startSluice } from '../../sandbox/demo/server.ts'
import { createToken } from '../../src/api/tokens.ts'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { migrate } from '../../src/db/migrate.ts'
import { deployNoop, functionName } from '../engine/noop.ts'
import { compareExact, median, type Result } from '../result.ts'
import { columns } from '../table.ts'
import { usageOf } from '../usage.ts'
import { send } from './load.ts'

interface Options {
  rounds: number
  executions: number
  keep: boolean
}

const connections = 32
const body = JSON.stringify({ function_name: functionName, function_arguments: [{ order: 7 }] })

export async function benchApi({ rounds, executions, keep }: Options): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const measured = await measureAll(folder, rounds, executions, say)
  const rows = [...measured].map(([name, rates]) => [name, median(rates).toFixed(0), ...rates.map(shown)])
  const heads = ['', 'median 1/s', ...Array.from({ length: rounds }, (_, round) => `round ${round + 1}`)]
  say(`\n${columns([heads, ...rows])}\n`)
  const floor = median(measured.get(floorName) ?? [])
  const results = [...measured]
    .filter(([name]) => name !== floorName)
    .map(([name, rates]) => compareExact(name, '1/s', median(rates), floorName, floor))
  for (const { name, ratio, peer } of results) say(`${name}: ${ratio} × ${peer}`)
  if (keep) say(`\nEverything is kept in ${folder}`)
  else {
    await removeData(path.join(folder, 'data'))
    await rm(folder, { recursive: true, force: true })
  }
  return results
}

const floorName = 'insert-only floor'

async function measureAll(folder: string, rounds: number, executions: number, say: (line: string) => void) {
  await using opened = new AsyncDisposableStack()
  const cluster = await startCluster(path.join(folder, 'data'))
  opened.defer(() => cluster.stop())
  await migrate(cluster.url())
  const { db, driver, close } = connect(cluster.url(), { max: connections, name: 'bench' })
  opened.defer(close)
  const one = await deployNoop(db, createFolderStore(path.join(folder, 'artifacts')))
  const token = await createToken(db, one.environmentId)
  const settings = { DATABASE_URL: cluster.url(), LOG_LEVEL: 'warn' }
  const sluice = await startSluice({
    dataDir: path.join(folder, 'sluice'),
    settings,
    args: ['--roles', 'web'],
  })
  opened.defer(() => sluice.stop())
  const authorization = `Bearer ${token}`
  const calls = (headersOf: () => Record<string, string>) => () =>
    send({
      ...{ url: sluice.url, connections, requests: executions, expected: 201 },
      ...{ method: 'PUT', path: '/public/v2/executions', headersOf, bodyOf: () => body },
    })
  const ways: [string, () => Promise<number>][] = [
    [floorName, () => insertAlone(driver, one, executions)],
    ['enqueue', calls(() => ({ authorization }))],
    ['enqueue with a key', calls(() => ({ authorization, 'idempotency-key': randomUUID() }))],
  ]
  const measured = new Map<string, number[]>(ways.map(([name]) => [name, []]))
  const usedMs: number[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of ways) {
      const before = usageOf(sluice.pid).cpuMs
      const rate = executions / (await run())
      if (round > 0 && name === 'enqueue') usedMs.push((usageOf(sluice.pid).cpuMs - before) / executions)
      await forget(driver, executions)
      if (round > 0) measured.get(name)?.push(rate) // the first warms all
    }
    if (round > 0) say(`round ${round} of ${rounds}`)
  }
  say(`the web process used ${median(usedMs).toFixed(3)} ms of a processor for a call`)
  return measured
}

/** One row a statement and a commit, from as many connections. */
async function insertAlone(
  driver: postgres.Sql,
  { id, environmentId }: { id: string; environmentId: string },
  amount: number,
): Promise<number> {
  const state = { next: 0 }
  const from = performance.now()
  const insertNext = async () => {
    while (state.next++ < amount)
      await driver`insert into live_executions (environment_id, function_id, arguments)
        values (${environmentId}, ${id}, '[{"order":7}]') returning id, sequence, created_at`
  }
  await Promise.all(Array.from({ length: connections }, insertNext))
  return (performance.now() - from) / 1_000
}

/** @throws when an answer was not stored. */
async function forget(driver: postgres.Sql, expected: number): Promise<void> {
  const [row] = await driver<{ stored: number }[]>`select count(*)::int as stored from live_executions`
  if (row?.stored !== expected) throw new Error(`${expected} were answered, ${row?.stored} are stored`)
  await driver`truncate live_executions, idempotency_keys`
}

function shown(rate: number): string {
  return rate.toFixed(0)
}
