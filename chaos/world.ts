// Everything a run consists of: the local GitHub, PostgreSQL, Sluice's processes, the ledger, the repository.
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { run } from '../sandbox/demo/run.ts'
import { checkout, removeData } from '../sandbox/demo/server.ts'
import { startSandbox } from '../sandbox/start.ts'
import { type Postgres, startPostgres } from './database.ts'
import { freePort } from './free-port.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { type Machines, startMachines } from './machines.ts'
import { openRepository, type Repository, repository } from './repository.ts'
import type { Schedule } from './schedule.ts'
import { openState, type StateStore } from './state-store.ts'

export interface World {
  folder: string
  postgres: Postgres
  ledger: Ledger
  state: StateStore
  machines: Machines
  repository: Repository
  webUrl: string
  /** Of the environment. */
  token: string
  /** What must appear in no log and no row. */
  secrets: string[]
  /** One at a time: who needs the environment as it is, for a while. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** `clean`: removes what the run wrote. */
  close(clean: boolean): Promise<void>
}

export async function createWorld(schedule: Schedule): Promise<World> {
  // Short: a socket's path may have 107 bytes.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chaos-'))
  await using opened = new AsyncDisposableStack()
  const keep = <T extends { close(): Promise<void> }>(one: T): T => opened.adopt(one, () => one.close())
  const sandbox = keep(await startSandbox({ dir: path.join(folder, 'sandbox') }))
  const postgres = keep(await startPostgres(path.join(folder, 'db')))
  const ledger = keep(await openLedger(path.join(folder, 'ledger.jsonl')))
  const port = await freePort()
  const webUrl = `http://127.0.0.1:${port}`
  const masterKey = randomBytes(32).toString('hex')
  const settings: Record<string, string> = {
    ...sandbox.settings,
    ...{ HOST: '127.0.0.1', PORT: String(port), SLUICE_URL: webUrl, SLUICE_MASTER_KEY: masterKey },
    ...{ SLUICE_STORAGE: path.join(folder, 'artifacts'), SLUICE_CONCURRENCY: '8', LOG_LEVEL: 'info' },
  }
  const command = (...args: string[]) =>
    run(process.execPath, [path.join(checkout, 'bin/sluice.js'), ...args], {
      cwd: checkout,
      env: { ...settings, DATABASE_URL: postgres.url, SLUICE_DATA: path.join(folder, 'command') },
    })
  await command('migrate')
  const state = keep(openState(postgres.url))
  const machines = keep(await startMachines({ schedule, folder, socket: postgres.socket, settings }))
  await machines.allUp()
  sandbox.github.setWebhookUrl(`${webUrl}/api/github/webhooks`)
  const pushed = await openRepository({ sandbox, folder, ledgerUrl: ledger.url })
  await buildFirst(pushed)
  const token = (await command('token', 'create', '--environment', `${repository}#production`)).trim()
  const { WEBHOOK_SECRET = '', SLACK_BOT_TOKEN = '' } = sandbox.settings
  const open = opened.move()
  return {
    ...{ folder, postgres, ledger, state, machines, webUrl, token, repository: pushed },
    secrets: [masterKey, token, WEBHOOK_SECRET, SLACK_BOT_TOKEN],
    exclusively: createTurns(),
    async close(clean) {
      await open.disposeAsync()
      if (!clean) return
      await removeData(path.join(folder, 'db'))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function buildFirst({ hub, push }: Repository): Promise<void> {
  const { conclusion, output } = await hub.check(await push(), 'production')
  if (conclusion !== 'success') throw new Error(`the first build failed: ${output.title}\n${output.summary}`)
}

function createTurns(): World['exclusively'] {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
}
