// `npm run chaos:github -- [options]`: pushes to many branches at a GitHub that answers every fifth call badly and delivers its
// webhooks late, twice and out of order, while web and builder are killed; then checks that everything on GitHub says what is so.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { judge } from './judge.ts'
import { report } from './report.ts'
import { runPushes } from './run.ts'

const help = `Pushes to a GitHub that misbehaves, kills Sluice meanwhile, then checks what stands on GitHub.

  npm run chaos:github -- [options]

  --pushes n     how many commits are pushed (100)
  --branches n   to how many branches, each with an environment; three of them have pull requests (10)
  --kills n      how often web or builder is killed with -9 (0)
  --every n      each nth call of the API is answered badly (5); 0: none
  --seed n       the order of a run again; without it a fresh one, which is printed
  --keep         keeps the folder of the run: logs, database

Ends with 1 when something on GitHub is not as it must be.
`

const options = {
  pushes: { type: 'string', default: '100' },
  branches: { type: 'string', default: '10' },
  kills: { type: 'string', default: '0' },
  every: { type: 'string', default: '5' },
  seed: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const print = (text: string) => void process.stdout.write(`${text}\n`)

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed)
  const wanted = {
    seed,
    pushes: Number(values.pushes),
    branches: Number(values.branches),
    kills: Number(values.kills),
    every: Number(values.every),
  }
  const valid = Object.values(wanted).every(one => Number.isInteger(one) && one >= 0) && wanted.branches > 0
  if (values.help || !valid) {
    print(help)
    return values.help ? 0 : 1
  }
  const { pushes, branches, kills, every } = wanted
  print(
    `npm run chaos:github -- --pushes ${pushes} --branches ${branches} --kills ${kills} --every ${every} --seed ${seed}`,
  )
  const startedMs = Date.now()
  const ran = await runPushes(wanted, line =>
    print(`${`${((Date.now() - startedMs) / 1_000).toFixed(1)} s`.padStart(9)}  ${line}`),
  )
  const violations = judge(ran.facts)
  print(`\n${report(ran.facts, violations)}`)
  const good = violations.length === 0
  await ran.close(good && !values.keep)
  return good ? 0 : 1
}

process.exit(await main(process.argv.slice(2)))
