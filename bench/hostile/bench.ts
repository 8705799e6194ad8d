// `npm run bench -- hostile`: how long three small projects, pushed at once, take from their webhooks to live functions while
// the builds of a hostile repository go on, beside the same three alone, in turn.
import { mkdtemp } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Measured } from '../records.ts'
import { compare, median, type Result } from '../result.ts'
import { inMs, stageTable } from '../table.ts'
import { createWorld, type Repository, type World } from '../world.ts'
import { findLeft, type Left } from './left.ts'
import { lockDependencies, writeGood, writeHarmless, writeHostile } from './projects.ts'

type Round = Measured[]

export async function benchHostile({ rounds, keep }: { rounds: number; keep: boolean }): Promise<Result[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'))
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  say('Starting PostgreSQL, the local GitHub, and Sluice …')
  await using world = await createWorld(folder)
  const packageFiles = await lockDependencies(path.join(folder, 'lockfile'))
  const good = [
    await world.repository('good-one'),
    await world.repository('good-two'),
    await world.repository('good-three'),
  ]
  const hostile = await world.repository('hostile')
  let change = 0
  const pushGood = () => {
    change += 1
    for (const { checkout } of good) writeGood(checkout, packageFiles, change)
    return Promise.all(good.map(one => one.push(`change ${change} of ${one.full}`)))
  }
  await pushGood() // installs
  await pushGood()
  const alone: Round[] = []
  const beside: Round[] = []
  const ended: string[] = []
  const left: Left[] = []
  for (let round = 1; round <= rounds; round++) {
    alone.push(await pushGood())
    const sha = await startHostile(world, hostile, round)
    beside.push(await pushGood())
    ended.push(...(await endHostile(world, hostile, round, sha)))
    left.push(await findLeft(world.dataDir))
    say(`round ${round} of ${rounds}`)
  }
  const results = resultsOf(alone, beside)
  const rows = [
    { name: 'alone', pushes: alone.flat(), more: slowestOf(alone) },
    { name: 'beside a hostile one', pushes: beside.flat(), more: slowestOf(beside) },
  ]
  say(`\n${stageTable(rows, ['slowest of three', 'slowest of all'])}\n`)
  for (const { name, ratio } of results) say(`${name}: ${ratio} × alone`)
  say(`\nHostile builds ended as: ${counted(ended)}`)
  say(`Left of them: ${most(left, 'processes')} processes, ${most(left, 'folders')} folders`)
  if (keep) say(`Everything is kept in ${folder}`)
  else await world.remove()
  return results
}

/** Resolves when its code runs. */
async function startHostile({ records }: World, { checkout }: Repository, round: number): Promise<string> {
  writeHostile(checkout, round)
  const sha = await checkout.commit(`attack ${round}`)
  await checkout.push('origin', 'HEAD')
  await records.until(sha, builds => builds.some(({ state }) => state === 'generating'))
  return sha
}

/** Resolves to how its builds ended. */
async function endHostile(
  { records }: World,
  { checkout }: Repository,
  round: number,
  attack: string,
): Promise<string[]> {
  writeHarmless(checkout, round)
  const sha = await checkout.commit(`harmless ${round}`)
  await checkout.push('origin', 'HEAD')
  for (const one of [attack, sha])
    await records.until(one, builds => builds.every(({ finished }) => finished))
  const builds = await records.until(attack, () => true)
  return builds.map(({ state, code }) => code ?? state)
}

function resultsOf(alone: Round[], beside: Round[]): Result[] {
  const total = (rounds: Round[]) => median(rounds.flat().map(one => one.totalMs))
  const last = (rounds: Round[]) => median(rounds.map(slowest))
  return [
    compare('good builds beside a hostile one', total(beside), 'alone', total(alone)),
    compare('slowest of three good builds beside a hostile one', last(beside), 'alone', last(alone)),
  ]
}

function slowest(round: Round): number {
  return Math.max(...round.map(one => one.totalMs))
}

function slowestOf(rounds: Round[]): string[] {
  return [inMs(median(rounds.map(slowest))), inMs(Math.max(...rounds.map(slowest)))]
}

function counted(words: string[]): string {
  const counts = Map.groupBy(words, word => word)
  return [...counts].map(([word, all]) => `${word} ${all.length}`).join(', ')
}

function most(left: Left[], what: keyof Left): number {
  return Math.max(...left.map(one => one[what]))
}
