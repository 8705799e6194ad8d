// `npm run bench -- <what> [options]`: measures Sluice on this machine. What there is to measure is one folder each.
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { benchApi } from './api/bench.ts'
import { benchBuild } from './build/bench.ts'
import { benchCutover } from './cutover/bench.ts'
import { benchEngine } from './engine/bench.ts'
import { benchHostile } from './hostile/bench.ts'
import type { Result } from './result.ts'
import { benchRunner } from './runner/bench.ts'
import { benchScale } from './scale/bench.ts'
import { benchSoak } from './soak/bench.ts'

const help = `Measures Sluice on this machine.

  npm run bench -- api [options]      calls over HTTP to one web process, beside inserting and nothing else
  npm run bench -- build [options]    from a push to live functions
  npm run bench -- hostile [options]  the same of three small projects, while a hostile repository is built
  npm run bench -- engine [options]   enqueue, start and drain, beside other queues on the same PostgreSQL
  npm run bench -- cutover [options]  releases and rollbacks under load, seen from outside
  npm run bench -- runner [options]   what a function's process costs: its start, its memory, a call in it
  npm run bench -- scale [options]    beside a million held executions, and over millions of finished ones
  npm run bench -- soak [options]     under steady work: whether the database goes on growing

  --rounds n      how often each is measured (5)
  --json file     writes the results there, too
  --executions n  engine, scale: how many are drained (20000); api, runner: how many are called
  --held n        scale: how many executions a paused function holds (1000000)
  --finished n    scale: how many executions have finished (10000000)
  --functions n   scale: how many functions there are (10000)
  --minutes n     soak: how long (30)
  --cutovers n    cutover: how many releases (200)
  --rollbacks n   cutover: how many rollbacks (100)
  --rate n        cutover: items a second (30; 1000 too)
  --keep          keep the folder with everything that was made
`

const options = {
  rounds: { type: 'string', default: '5' },
  executions: { type: 'string', default: '20000' },
  held: { type: 'string', default: '1000000' },
  finished: { type: 'string', default: '10000000' },
  functions: { type: 'string', default: '10000' },
  minutes: { type: 'string', default: '30' },
  cutovers: { type: 'string', default: '200' },
  rollbacks: { type: 'string', default: '100' },
  rate: { type: 'string', default: '30' },
  json: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const numbers = [
  'rounds',
  'executions',
  'held',
  'finished',
  'functions',
  'minutes',
  'cutovers',
  'rollbacks',
  'rate',
] as const

type Options = Record<(typeof numbers)[number], number> & { keep: boolean }

const benches: Record<string, (options: Options) => Promise<Result[]>> = {
  api: benchApi,
  build: benchBuild,
  hostile: benchHostile,
  engine: benchEngine,
  cutover: benchCutover,
  runner: benchRunner,
  scale: benchScale,
  soak: benchSoak,
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const bench = Object.hasOwn(benches, positionals[0] ?? '') ? benches[positionals[0] ?? ''] : undefined
  const given = Object.fromEntries(numbers.map(name => [name, Number(values[name])])) as Record<
    (typeof numbers)[number],
    number
  >
  if (values.help || !bench || !Object.values(given).every(one => Number.isInteger(one) && one > 0)) {
    process.stdout.write(help)
    return values.help ? 0 : 1
  }
  const results = await bench({ ...given, keep: values.keep })
  if (values.json)
    await writeFile(values.json, `${JSON.stringify({ machine: machine(), results }, null, 2)}\n`)
  return 0
}

function machine(): string {
  const [cpu] = os.cpus()
  const memory = `${Math.round(os.totalmem() / 1e9)} GB`
  return `${os.cpus().length} × ${cpu?.model.trim() || os.arch()}, ${memory}, ${os.platform()}, Node ${process.version}`
}

process.exit(await main(process.argv.slice(2)))
