// A whole world for an end-to-end test: the local GitHub and Slack, Sluice as a process of its own with a fresh PostgreSQL,
// a repository with the App installed, and a working copy to push from. Everything goes away with `close`.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createHub, type Hub } from '../../sandbox/demo/hub.ts'
import { run } from '../../sandbox/demo/run.ts'
import { checkout, removeData, type SluiceProcess, startSluice } from '../../sandbox/demo/server.ts'
import { collaborators, startSandbox } from '../../sandbox/start.ts'
import { type Checkout, clone } from '../../sandbox/testing/checkout.ts'

export const repository = 'acme/shop'

export interface World {
  sandbox: Awaited<ReturnType<typeof startSandbox>>
  hub: Hub
  shop: Checkout
  folder: string
  /** The Sluice that runs now. */
  sluice(): SluiceProcess
  /** Ends it with this signal and starts it again on the same data. */
  restart(signal: NodeJS.Signals): Promise<void>
  /** Starts it; `stop` leaves the rest of the world as it is. */
  start(): Promise<void>
  stop(signal: NodeJS.Signals): Promise<void>
  token(environment: string): Promise<string>
  /** Calls the Defer API of the Sluice that runs now. */
  call(token: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: Answer }>
  close(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: what an API answers is what the test is about; it asserts on every field it reads.
export type Answer = any

export async function createWorld(settings: Record<string, string> = {}): Promise<World> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-e2e-'))
  const dataDir = path.join(folder, 'data')
  const sandbox = await startSandbox({ dir: path.join(folder, 'sandbox') })
  const { github, slack, tokens } = sandbox
  const [owner = '', name = ''] = repository.split('/')
  await github.createRepository({ owner, name, collaborators })
  const person = { login: 'alice', token: tokens.alice ?? '' }
  const shop = await clone(github.url, repository, person, path.join(folder, 'shop'))

  let running: SluiceProcess
  const start = async () => {
    running = await startSluice({
      dataDir,
      settings: { ...sandbox.settings, LOG_LEVEL: 'info', ...settings },
    })
    github.setWebhookUrl(`${running.url}/api/github/webhooks`)
    slack.setInteractivityUrl(`${running.url}/slack/interactions`)
  }
  await start()
  await github.install(owner)
  return {
    sandbox,
    hub: createHub(github.apiUrl, repository, tokens),
    shop,
    folder,
    sluice: () => running,
    start,
    stop: signal => running.stop(signal),
    async restart(signal) {
      await running.stop(signal)
      await start()
    },
    async token(environment) {
      const { program, args, env } = running.command(
        'token',
        'create',
        '--environment',
        `${repository}#${environment}`,
      )
      return (await run(program, args, { cwd: checkout, env })).trim()
    },
    async call(token, method, at, body) {
      const response = await fetch(`${running.url}${at}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text ? JSON.parse(text) : null }
    },
    async close() {
      await running.stop('SIGTERM')
      await sandbox.close()
      await removeData(dataDir)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A project whose functions need nothing but the client; its install is the example's. */
export async function writeProject(world: World, functions: Record<string, string>): Promise<void> {
  const example = path.join(checkout, 'examples/shop')
  const base = Object.fromEntries(
    await Promise.all(
      ['package.json', 'package-lock.json'].map(async file => [
        file,
        await readFile(path.join(example, file), 'utf8'),
      ]),
    ),
  )
  const files = Object.entries(functions).map(([file, text]) => [
    `defer/${file}`,
    `import { defer } from '@defer/client'\n${text}\n`,
  ])
  world.shop.write({ ...base, ...Object.fromEntries(files) })
}
