// `npm run bench -- engine`: what it costs to hand in calls, to start one, and to work off many, beside graphile-worker and
// pg-boss in turn on the same PostgreSQL. They run their tasks in the process that fetches them, ours runs each in a process
// of its own; graphile-worker deletes what is done, pg-boss and ours keep it.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { removeData } from '../../sandbox/demo/server.ts'
import { connect } from '../../src/db/client.ts'
import { startCluster } from '../../src/db/embedded/cluster.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { Result } from '../result.ts'
import type { Contender } from './contender.ts'
import { createGraphileWorker } from './graphile-worker.ts'
import { measure, type Round } from './measure.ts'
import { createPgBoss } from './pg-boss.ts'
import { resultsOf, roundTable } from './report.ts'
import { createRestate } from './restate.ts'
import { createSluice } from './sluice.ts'

interface Options {
  rounds: number
  executions: number
  keep: boolean
}

export async function benchEngine({ rounds, executions, keep }: Options): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const measured = await withContenders(folder, async contenders => {
    const all = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]))
    for (let round = 1; round <= rounds; round++) {
      for (const one of contenders) all.get(one.name)?.push(await measure(one, executions))
      say(`round ${round} of ${rounds}`)
    }
    return all
  })
  const results = resultsOf(measured)
  say(`\n${roundTable(measured)}\n`)
  for (const { name, ratio, peer } of results) say(`${name}: ${ratio} × ${peer}`)
  if (keep) say(`\nEverything is kept in ${folder}`)
  else {
    await removeData(path.join(folder, 'data'))
    await rm(folder, { recursive: true, force: true })
  }
  return results
}

async function withContenders<T>(folder: string, work: (all: Contender[]) => Promise<T>): Promise<T> {
  await using opened = new AsyncDisposableStack()
  const cluster = await startCluster(path.join(folder, 'data'))
  opened.defer(() => cluster.stop())
  const { driver, close } = connect(cluster.url('postgres'), { max: 1, name: 'bench' })
  for (const name of ['ours', 'graphile', 'batched', 'boss']) await driver.unsafe(`create database ${name}`)
  await close()
  await migrate(cluster.url('ours'))
  const looking = (name: string) => {
    const database = connect(cluster.url(name), { max: 1, name: 'bench' })
    opened.defer(() => database.close())
    return database.driver
  }
  const contenders = [
    await createSluice(cluster.url('ours'), folder),
    await createGraphileWorker(cluster.url('batched'), looking('batched'), true),
    await createGraphileWorker(cluster.url('graphile'), looking('graphile'), false),
    await createPgBoss(cluster.url('boss'), looking('boss')),
    await createRestate(folder),
  ].filter(one => one !== null)
  for (const one of contenders) opened.defer(() => one.close())
  return await work(contenders)
}
