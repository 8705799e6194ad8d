// `npm run bench -- build`: how long it takes from a push's webhook to live functions, of a project with 30 functions over 50
// packages, beside what the same work takes at the least (floor.ts), measured in turn with it.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { removeData } from '../../sandbox/demo/server.ts'
import { median, type Result } from '../result.ts'
import { createFloor } from './floor.ts'
import { peakMemoryMb } from './memory.ts'
import { changeNothing, changeOneFunction, writeProject } from './project.ts'
import type { Measured } from './records.ts'
import { printTable } from './table.ts'
import { createWorld } from './world.ts'

type Kind = 'cold' | 'warm' | 'unchanged'

export async function benchBuild({ rounds, keep }: { rounds: number; keep: boolean }): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  say('Starting PostgreSQL, the local GitHub, and Sluice; writing the project and its lockfile …')
  await using world = await createWorld(folder)
  const { modules, packages } = await writeProject(world.checkout.dir, path.join(folder, 'lockfile'))
  say(`30 functions, ${packages} direct dependencies`)

  const pushes: Record<Kind, Measured[]> = { cold: [], warm: [], unchanged: [] }
  pushes.cold.push(await world.push('the project'))
  const floor = await createFloor(world, modules, path.join(folder, 'floor'))
  const floors: number[] = []
  await changeOneFunction(world.checkout.dir, 0)
  await world.push('once more, not measured')
  await floor.measure()
  for (let round = 1; round <= rounds; round++) {
    await changeOneFunction(world.checkout.dir, round)
    pushes.warm.push(await world.push(`change ${round}`))
    floors.push(await floor.measure())
    await changeNothing(world.checkout.dir, round)
    pushes.unchanged.push(await world.push(`readme ${round}`))
    say(`round ${round} of ${rounds}`)
  }
  await floor.close()
  const results = (['cold', 'warm', 'unchanged'] as const).map(kind => resultOf(kind, pushes[kind], floors))
  printTable(pushes, floors, results, say)
  const memory = await peakMemoryMb(world.pid)
  say(`\nPeak memory: Sluice ${memory.sluice} MB, its bundler ${memory.bundler} MB`)
  if (keep) say(`Everything is kept in ${folder}`)
  else await world.close().then(() => removeAll(folder, world.dataDir))
  return results
}

async function removeAll(folder: string, dataDir: string): Promise<void> {
  await removeData(dataDir)
  await rm(folder, { recursive: true, force: true })
}

function resultOf(kind: Kind, measured: Measured[], floors: number[]): Result {
  const value = Math.round(median(measured.map(one => one.totalMs)))
  const peerValue = Math.round(median(floors))
  const ratio = Math.round((value / peerValue) * 100) / 100
  return { name: `build ${kind}`, value, unit: 'ms', peer: 'floor', peerValue, ratio }
}
