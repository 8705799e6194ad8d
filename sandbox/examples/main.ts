// `npm run examples`: pushes the projects of examples/demonstration to the local GitHub, lets Sluice build all of them, calls
// one function of each, and pushes again with one function changed. Ends with 0 when every build was green, every call
// returned what it should, and the second push built one environment.
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { AppError, messageOf } from '../../src/errors.ts'
import { removeData, type SluiceProcess, startSluice } from '../demo/server.ts'
import { collaborators, startSandbox } from '../start.ts'
import { clone } from '../testing/checkout.ts'
import { chooseExamples, writeExamples } from './catalogue.ts'
import { callAll, pushAll, pushOneChange } from './pushes.ts'
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
  const dataDir = path.join(folder, 'data')
  say('Starting PostgreSQL, the local GitHub and Slack, and Sluice …')
  const sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  let sluice: SluiceProcess | null = null
  let good = false
  try {
    sluice = await startSluice({ dataDir, settings: sandbox.settings })
    sandbox.github.setWebhookUrl(`${sluice.url}/api/github/webhooks`)
    sandbox.slack.setInteractivityUrl(`${sluice.url}/slack/interactions`)
    await sandbox.github.createRepository({ ...repository, collaborators })
    await sandbox.github.install(repository.owner)
    const person = { login: 'alice', token: sandbox.tokens.alice ?? '' }
    const full = `${repository.owner}/${repository.name}`
    const checkout = await clone(sandbox.github.url, full, person, path.join(folder, 'checkout'))
    const records = await openRecords(dataDir)
    const exercise = {
      examples,
      folder: checkout.dir,
      url: sluice.url,
      records,
      say,
      push: pushWith(checkout),
    }
    try {
      await writeExamples(examples, checkout.dir)
      const green = await pushAll(exercise)
      const ran = !values.run || (await callAll(exercise, green))
      good = ran && green.length === examples.length
      if (good) good = await pushOneChange(exercise, green, appendLine(checkout))
    } finally {
      await records.close()
    }
    return good ? 0 : 1
  } finally {
    await sluice?.stop()
    await sandbox.close()
    if (values.keep || !good)
      say(`\nEverything is kept in ${folder}; what Sluice said is in ${dataDir}/sluice.log`)
    if (!values.keep && good) {
      await removeData(dataDir)
      await rm(folder, { recursive: true, force: true })
    }
  }
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
