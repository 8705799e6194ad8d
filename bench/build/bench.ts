// `npm run bench -- build`: how long it takes from a push's webhook to live functions, of a project with 30 functions over 50
// packages, beside what the same work takes at the least (floor.ts), measured in turn with it.
import { mkdtemp } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Measured } from '../records.ts'
import { compare, median, type Result } from '../result.ts'
import { inMs, stageTable } from '../table.ts'
import { createWorld } from '../world.ts'
import { createFloor } from './floor.ts'
import { forgetPeak, peakMemoryMb } from './memory.ts'
import { changeNothing, changeOneFunction, writeProject } from './project.ts'

const kinds = ['cold', 'warm', 'unchanged'] as const
type Kind = (typeof kinds)[number]

export async function benchBuild({ rounds, keep }: { rounds: number; keep: boolean }): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  say('Starting PostgreSQL, the local GitHub, and Sluice; writing the project and its lockfile …')
  await using world = await createWorld(folder)
  const repository = await world.repository('bench')
  const { modules, packages } = await writeProject(repository.checkout.dir, path.join(folder, 'lockfile'))
  say(`30 functions, ${packages} direct dependencies`)

  const pushes: Record<Kind, Measured[]> = { cold: [], warm: [], unchanged: [] }
  pushes.cold.push(await repository.push('the project'))
  const floor = await createFloor(repository, modules, path.join(folder, 'floor'))
  const floors: number[] = []
  const cold = await peakMemoryMb(world.pid)
  await changeOneFunction(repository.checkout.dir, 0)
  await repository.push('once more, not measured')
  await floor.measure()
  await forgetPeak(world.pid)
  for (let round = 1; round <= rounds; round++) {
    await changeOneFunction(repository.checkout.dir, round)
    pushes.warm.push(await repository.push(`change ${round}`))
    floors.push(await floor.measure())
    await changeNothing(repository.checkout.dir, round)
    pushes.unchanged.push(await repository.push(`readme ${round}`))
    say(`round ${round} of ${rounds}`)
  }
  await floor.close()
  const results = kinds.map(kind => resultOf(kind, pushes[kind], floors))
  const rows = kinds.map((kind, index) => ({
    name: kind,
    pushes: pushes[kind],
    more: [`${results[index]?.ratio} ×`],
  }))
  say(`\n${stageTable(rows, ['of the floor'])}`)
  say(`\nfloor ${inMs(median(floors))} (${Math.round(Math.min(...floors))} to ${inMs(Math.max(...floors))})`)
  say('')
  for (const [kind, { sluice, bundler }] of Object.entries({ cold, later: await peakMemoryMb(world.pid) }))
    say(`Peak memory, ${kind}: ${sluice + bundler} MB (Sluice ${sluice}, its bundler ${bundler})`)
  if (keep) say(`Everything is kept in ${folder}`)
  else await world.remove()
  return results
}

function resultOf(kind: Kind, measured: Measured[], floors: number[]): Result {
  return compare(`build ${kind}`, median(measured.map(one => one.totalMs)), 'floor', median(floors))
}
