// `npm run examples`: pushes the projects of examples/demonstration to the local GitHub, lets Sluice build all of them, calls
// one function of each, and pushes again with one function changed. Ends with 0 when every build was green, every call
// returned what it should, and the second push built one environment.
import { appendFile, copyFile, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { AppError, messageOf } from '../../src/errors.ts'
import { removeData, type SluiceProcess, startSluice } from '../demo/server.ts'
import { collaborators, type Sandbox, startSandbox } from '../start.ts'
import { clone } from '../testing/checkout.ts'
import { chooseExamples, writeExamples } from './catalogue.ts'
import { callAll, type Exercise, pushAll, pushOneChange } from './pushes.ts'
import { openRecords } from './records.ts'

const help = `Builds the projects of examples/demonstration, one environment each, in one push.

  npm run examples [-- options]

  --only a,b    only these
  --smallest    only four small ones, one for each package manager
  --no-run      only build, call no function
  --keep        keep the folder with everything that was made

It takes some minutes and some gigabytes, because it installs what twenty frameworks need.
`

const options = {
  only: { type: 'string' },
  smallest: { type: 'boolean' },
  run: { type: 'boolean', default: true },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const

const repository = { owner: 'acme', name: 'demonstration' }

async function runExamples(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options, allowNegative: true })
  if (values.help) {
    say(help)
    return 0
  }
  const examples = await chooseExamples(values)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-examples-'))
  say('Starting PostgreSQL, the local GitHub and Slack, and Sluice …')
  const sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  const dataDir = path.join(folder, 'data')
  let sluice: SluiceProcess | null = null
  let good = false
  try {
    sluice = await startSluice({ dataDir, settings: sandbox.settings })
    const checkout = await createRepository(sandbox, sluice, path.join(folder, 'checkout'))
    await writeExamples(examples, checkout.dir)
    const records = await openRecords(dataDir)
    const exercise = {
      examples,
      folder: checkout.dir,
      url: sluice.url,
      records,
      say,
      push: pushWith(checkout),
    }
    const change = appendLine(checkout)
    good = await Promise.race([exerciseAll(exercise, values.run, change), interrupted()]).finally(
      records.close,
    )
    return good ? 0 : 1
  } finally {
    await sluice?.stop()
    await sandbox.close()
    if (values.keep) say(`\nEverything is kept in ${folder}.`)
    else await removeAll(folder, dataDir, good)
  }
}

async function exerciseAll(
  exercise: Exercise,
  run: boolean,
  change: (file: string) => Promise<void>,
): Promise<boolean> {
  const green = await pushAll(exercise)
  const ran = !run || (await callAll(exercise, green))
  return ran && green.length === exercise.examples.length && pushOneChange(exercise, green, change)
}

/** The repository on the local GitHub, with Sluice installed; resolves to a working copy. */
async function createRepository(
  { github, slack, tokens }: Sandbox,
  { url }: SluiceProcess,
  folder: string,
): Promise<Checkout> {
  github.setWebhookUrl(`${url}/api/github/webhooks`)
  slack.setInteractivityUrl(`${url}/slack/interactions`)
  const { owner, name } = repository
  await github.createRepository({ owner, name, collaborators })
  await github.install(owner)
  return clone(github.url, `${owner}/${name}`, { login: 'alice', token: tokens.alice ?? '' }, folder)
}

/** What was started is stopped, and what was made removed, also then. */
function interrupted(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => reject(new AppError('unavailable', `Ended by ${signal}.`)))
  })
}

async function removeAll(folder: string, dataDir: string, good: boolean): Promise<void> {
  if (!good) {
    await copyFile(path.join(dataDir, 'sluice.log'), `${folder}.log`).catch(() => {}) // it did not come that far
    say(`\nWhat Sluice said is in ${folder}.log; with --keep everything else stays too.`)
  }
  await removeData(dataDir)
  await rm(folder, { recursive: true, force: true })
}

type Checkout = Awaited<ReturnType<typeof clone>>

function pushWith({ commit, push }: Checkout): (message: string) => Promise<string> {
  return async message => {
    const sha = await commit(message)
    await push('origin', 'HEAD')
    return sha
  }
}

function appendLine({ dir }: Checkout): (file: string) => Promise<void> {
  return file => appendFile(path.join(dir, file), "\nconsole.log('changed')\n")
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  process.exit(await runExamples(process.argv.slice(2)))
} catch (error) {
  const mendable = error instanceof AppError || (error instanceof TypeError && 'code' in error)
  process.stderr.write(`${mendable || !(error instanceof Error) ? messageOf(error) : error.stack}\n`)
  process.exit(1)
}
