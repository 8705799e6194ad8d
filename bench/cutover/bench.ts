// `npm run bench -- cutover`: the test of the third seed. Seen from outside only: by the log of the endpoint that functions
// submit items to, while B replaces A and is rolled back, once as the seed did it and then hundreds of times under load.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { removeData } from '../../sandbox/demo/server.ts'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { median, percentile, type Result } from '../result.ts'
import { columns } from '../table.ts'
import { startEndpoint } from './endpoint.ts'
import type { Verdict } from './judge.ts'
import { createPlace } from './place.ts'
import { seedRound, switchRounds } from './rounds.ts'

export interface CutoverOptions {
  cutovers: number
  rollbacks: number
  /** Items a second. */
  rate: number
  keep: boolean
}

const seedDelayMs = 100
/** What the seed lost in one swap, and what a gap may be. */
const seedLost = 2
const mostGapMs = 100
const workers = 2
const concurrency = 8

export async function benchCutover({ cutovers, rollbacks, rate, keep }: CutoverOptions): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const results: Result[] = []
  await using opened = new AsyncDisposableStack()
  const cluster = await startCluster(path.join(folder, 'data'))
  opened.defer(() => cluster.stop())
  const { driver, close } = connect(cluster.url('postgres'), { max: 1, name: 'bench' })
  await driver.unsafe('create database cutover')
  await close()
  const endpoint = await startEndpoint()
  opened.defer(() => endpoint.close())
  const settings = { url: cluster.url('cutover'), folder, endpoint: endpoint.url, workers, concurrency }
  const place = await createPlace(settings)
  opened.defer(() => place.close())
  await place.deploy('A')
  const rows = [head]
  const note = (name: string, verdict: Verdict) => {
    rows.push(rowOf(name, verdict))
    results.push(...resultsOf(name, verdict))
    say(`${name}: ${verdict.items} items, ${verdict.lost} lost`)
  }
  note("the seed's test", await seedRound(place, endpoint, seedDelayMs))
  const itemsOfRun = rate > 100 ? 10 : 1
  const rounds = { cutovers, rollbacks, runsPerSecond: rate / itemsOfRun, itemsOfRun }
  note(`${rate} items/s`, await switchRounds(place, endpoint, rounds))
  say(`\n${columns(rows)}\n`)
  say(`The seed lost ${seedLost} items in one swap of deployment slots.`)
  const again = await place.triedAgain()
  say(`${again} executions took more than one attempt or failed.`)
  await opened.disposeAsync()
  if (keep) say(`Everything is kept in ${folder}`)
  else {
    await removeData(path.join(folder, 'data'))
    await rm(folder, { recursive: true, force: true })
  }
  return results
}

const head = [
  '',
  'switches',
  'items',
  'lost',
  'twice',
  'started after',
  'gap p50',
  'p95',
  'most',
  'over 100 ms',
]

function rowOf(name: string, { switches, items, lost, twice, startedAfter, gapsMs }: Verdict): string[] {
  const ms = (value: number) => `${value.toFixed(1)} ms`
  const over = gapsMs.filter(gap => gap >= mostGapMs).length
  const counts = [switches, items, lost, twice, startedAfter].map(String)
  if (gapsMs.length === 0) return [name, ...counts]
  const gaps = [median(gapsMs), percentile(gapsMs, 0.95), Math.max(...gapsMs)].map(ms)
  return [name, ...counts, ...gaps, String(over)]
}

function resultsOf(name: string, verdict: Verdict): Result[] {
  const { lost, twice, startedAfter, gapsMs } = verdict
  const row = (what: string, value: number, unit: string, peer: string, peerValue: number): Result => ({
    name: `${name}: ${what}`,
    value,
    unit,
    peer,
    peerValue,
    ratio: peerValue === 0 ? value : Math.round((value / peerValue) * 100) / 100,
  })
  return [
    row('lost', lost, 'items', "the seed's swap", seedLost),
    row('twice', twice, 'items', 'none', 0),
    row('started after', startedAfter, 'runs', 'none', 0),
    ...(gapsMs.length === 0
      ? []
      : [
          row('gap p95', Math.round(percentile(gapsMs, 0.95)), 'ms', 'bar', mostGapMs),
          row('longest gap', Math.round(Math.max(...gapsMs)), 'ms', 'bar', mostGapMs),
        ]),
  ]
}
