// `npm run chaos -- [options]`: runs Sluice as processes of their own, makes everything fail that RELIABILITY.md names and that
// can be made to, and checks from outside that nothing was lost and nothing done twice without a reason.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { judge } from './invariants.ts'
import { describe, printSchedule, report } from './report.ts'
import { runChaos } from './run.ts'
import { planRun } from './schedule.ts'

const help = `Kills, freezes and cuts off a whole Sluice at work, then checks that nothing was lost.

  npm run chaos -- [options]

  --executions n       how many calls are made (2000)
  --kills n            how many processes are killed: at every crash point first, then at random (40)
  --postgres-stops n   how often PostgreSQL is stopped at once (2)
  --workers n          how many worker processes, at least two (2)
  --seed n             the faults of that run again; without it a fresh one, which is printed
  --plan               prints the faults of the seed, and runs nothing
  --keep               keeps the folder of the run: ledger, logs, database

Ends with 1 when an invariant was violated, and prints the ids and how to see it again.
`

const options = {
  executions: { type: 'string', default: '2000' },
  kills: { type: 'string', default: '40' },
  'postgres-stops': { type: 'string', default: '2' },
  workers: { type: 'string', default: '2' },
  seed: { type: 'string' },
  plan: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const { promise: brokenOff, reject: breakOff } = Promise.withResolvers<never>()
brokenOff.catch(() => {})

const print = (text: string) => void process.stdout.write(`${text}\n`)

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed)
  const wanted = {
    seed,
    executions: Number(values.executions),
    kills: Number(values.kills),
    postgresStops: Number(values['postgres-stops']),
    workers: Number(values.workers),
  }
  const valid = Object.values(wanted).every(one => Number.isInteger(one) && one >= 0) && wanted.workers >= 2
  if (values.help || !valid) {
    print(help)
    return values.help ? 0 : 1
  }
  const { executions, kills, postgresStops, workers } = wanted
  const replay = `npm run chaos -- --executions ${executions} --kills ${kills} --postgres-stops ${postgresStops} --workers ${workers} --seed ${seed}`
  const schedule = planRun(wanted)
  print(replay)
  if (values.plan) {
    print(printSchedule(schedule))
    return 0
  }
  const startedMs = Date.now()
  const say = (line: string) =>
    print(`${`${((Date.now() - startedMs) / 1_000).toFixed(1)} s`.padStart(9)}  ${line}`)
  const ran = await runChaos(schedule, brokenOff, {
    say,
    fault: step => say(`${step.at}: ${describe(step)}`),
  })
  const verdict = judge(ran.facts)
  print('')
  print(report(verdict, ran.facts, replay))
  const good = verdict.violations.length === 0
  await ran.close(good && !values.keep)
  return good ? 0 : 1
}

// The processes of a run that is broken off go with it (run.ts closes its world).
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => breakOff(new Error(`broken off by ${name}`)))

process.exit(await main(process.argv.slice(2)))
