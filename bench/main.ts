// `npm run bench -- <what> [options]`: measures Sluice on this machine. What there is to measure is one folder each.
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import { parseArgs } from 'node:util'
import { benchBuild } from './build/bench.ts'
import { benchHostile } from './hostile/bench.ts'
import type { Result } from './result.ts'

const help = `Measures Sluice on this machine.

  npm run bench -- build [options]    from a push to live functions
  npm run bench -- hostile [options]  the same of three small projects, while a hostile repository is built

  --rounds n    how often each push is measured (5)
  --json file   writes the results there, too
  --keep        keep the folder with everything that was made
`

const options = {
  rounds: { type: 'string', default: '5' },
  json: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const benches: Record<string, (options: { rounds: number; keep: boolean }) => Promise<Result[]>> = {
  build: benchBuild,
  hostile: benchHostile,
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const bench = Object.hasOwn(benches, positionals[0] ?? '') ? benches[positionals[0] ?? ''] : undefined
  const rounds = Number(values.rounds)
  if (values.help || !bench || !Number.isInteger(rounds) || rounds < 1) {
    process.stdout.write(help)
    return values.help ? 0 : 1
  }
  const results = await bench({ rounds, keep: values.keep })
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
