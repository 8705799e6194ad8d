// `npm run bench -- <what> [options]`: measures Sluice on this machine. What there is to measure is one folder each.
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { benchBuild } from './build/bench.ts'
import { benchEngine } from './engine/bench.ts'
import { benchHostile } from './hostile/bench.ts'
import type { Result } from './result.ts'
import { benchRunner } from './runner/bench.ts'

const help = `Measures Sluice on this machine.

  npm run bench -- build [options]    from a push to live functions
  npm run bench -- hostile [options]  the same of three small projects, while a hostile repository is built
  npm run bench -- engine [options]   enqueue, start and drain, beside other queues on the same PostgreSQL
  npm run bench -- runner [options]   what a function's process costs: its start, its memory, a call in it

  --rounds n      how often each is measured (5)
  --json file     writes the results there, too
  --executions n  engine: how many are drained (2000; 20000 takes minutes)
  --keep          keep the folder with everything that was made
`

const options = {
  rounds: { type: 'string', default: '5' },
  executions: { type: 'string', default: '2000' },
  json: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

interface Options {
  rounds: number
  executions: number
  keep: boolean
}

const benches: Record<string, (options: Options) => Promise<Result[]>> = {
  build: benchBuild,
  hostile: benchHostile,
  engine: benchEngine,
  runner: benchRunner,
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const bench = Object.hasOwn(benches, positionals[0] ?? '') ? benches[positionals[0] ?? ''] : undefined
  const [rounds, executions] = [Number(values.rounds), Number(values.executions)]
  if (values.help || !bench || ![rounds, executions].every(one => Number.isInteger(one) && one > 0)) {
    process.stdout.write(help)
    return values.help ? 0 : 1
  }
  const results = await bench({ rounds, executions, keep: values.keep })
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
