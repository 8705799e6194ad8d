// `sluice demo`: the local GitHub and Slack, Sluice itself, and the story told over them with real git and real HTTP. Then it
// stays up to be looked at, or, with --once, ends with 0 when every step saw what it should.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { printSandbox } from '../print.ts'
import { collaborators, startSandbox } from '../start.ts'
import { createHub } from './hub.ts'
import { takePictures } from './pictures.ts'
import { run } from './run.ts'
import { checkout, removeData, type SluiceProcess, startSluice } from './server.ts'
import { createShop } from './shop.ts'
import { type Step, tell, type World } from './story.ts'

const repository = 'acme/shop'

const options = {
  once: { type: 'boolean', default: false },
  /** A folder: the pictures of the README are taken into it on the way. */
  pictures: { type: 'string' },
} as const

type Sandbox = Awaited<ReturnType<typeof startSandbox>>

export async function runDemo(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-demo-'))
  const startedAt = Date.now()
  say('Starting PostgreSQL, the local GitHub and Slack, and Sluice …')
  const sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  const dataDir = path.join(folder, 'data')
  let sluice: SluiceProcess | null = null
  let good = false
  try {
    sluice = await startSluice({ dataDir, settings: sandbox.settings })
    connect(sandbox, sluice)
    good = await tellAll(await createWorld(sandbox, sluice, folder), startedAt, values.pictures)
    if (!good) say(`What Sluice said is in ${sluice.logFile}`)
    if (!values.once) await stayUp(sandbox, sluice)
    return good ? 0 : 1
  } finally {
    await sluice?.stop()
    await sandbox.close()
    if (good) {
      await removeData(dataDir)
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function connect(sandbox: Sandbox, sluice: SluiceProcess): void {
  sandbox.github.setWebhookUrl(`${sluice.url}/api/github/webhooks`)
  sandbox.slack.setInteractivityUrl(`${sluice.url}/slack/interactions`)
}

async function createWorld(sandbox: Sandbox, sluice: SluiceProcess, folder: string): Promise<World> {
  const [owner = '', name = ''] = repository.split('/')
  const { github, slack, tokens } = sandbox
  const channel = sandbox.settings.SLACK_CHANNEL ?? ''
  await github.createRepository({
    owner,
    name,
    collaborators,
  })
  await github.install(owner)
  return {
    hub: createHub(github.apiUrl, repository, tokens),
    shop: await createShop(path.join(folder, 'shop'), github.url, repository, {
      login: 'alice',
      token: tokens.alice ?? '',
    }),
    endpoint: sluice.url,
    githubUrl: github.url,
    repository,
    slackUrl: slack.url,
    slackTexts: () => slack.messages(channel).map(message => JSON.stringify(message)),
    async token(environment) {
      const { program, args, env } = sluice.command(
        'token',
        'create',
        '--environment',
        `${repository}#${environment}`,
      )
      return (await run(program, args, { cwd: checkout, env })).trim()
    },
  }
}

/** Resolves to whether every step saw what it should; after one that did not, the rest would only repeat it. */
async function tellAll(world: World, startedAt: number, pictures?: string): Promise<boolean> {
  const { steps, application } = tell(world)
  let good = true
  for (const step of steps) {
    good = await tellOne(step)
    if (!good) break
    if (pictures && step.picture) await takePictures(pictures, step.picture())
  }
  application()?.stop()
  say(`\n${good ? 'All of it' : 'So far'} in ${seconds(startedAt)}.`)
  return good
}

async function tellOne(step: Step): Promise<boolean> {
  const startedAt = Date.now()
  try {
    const { saw, link } = await step.run()
    say(`✔ ${seconds(startedAt).padStart(6)}  ${step.title} · ${saw} · ${link}`)
    return true
  } catch (error) {
    say(
      `✘ ${seconds(startedAt).padStart(6)}  ${step.title} · ${error instanceof Error ? error.message : error}`,
    )
    return false
  }
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}

function stayUp(sandbox: Sandbox, sluice: SluiceProcess): Promise<void> {
  say(
    `\nLook around, and try it yourself:\n\nSluice  ${sluice.url}\n${printSandbox(sandbox, [repository])}\n\nCtrl-C ends all of it.`,
  )
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
