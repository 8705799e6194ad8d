// What a run consists of: PostgreSQL, the local GitHub with a repository of many branches, Sluice's web and builder.
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { run } from '../../sandbox/demo/run.ts'
import { checkout, removeData } from '../../sandbox/demo/server.ts'
import { startSandbox } from '../../sandbox/start.ts'
import { startPostgres } from '../database.ts'
import { freePort } from '../free-port.ts'
import { type Watched, watch } from '../processes.ts'
import type { Facts } from './facts.ts'
import { misbehave } from './misbehave.ts'
import { openRepository } from './repository.ts'
import { openState } from './state-store.ts'

export interface Wanted {
  seed: number
  pushes: number
  branches: number
  kills: number
  /** Each so many-th call of GitHub's API goes wrong; 0: none. */
  every: number
}

export interface World {
  folder: string
  misbehave(): void
  push(branch: number): Promise<string>
  /** Until this commit's check has ended, if it does soon. */
  checked(branch: number, sha: string): Promise<void>
  kill(slot: 'web' | 'builder'): Promise<void>
  isAtRest(): Promise<boolean>
  facts(): Promise<Facts>
  /** `clean`: removes what the run wrote. */
  close(clean: boolean): Promise<void>
}

export async function createWorld(wanted: Wanted): Promise<World> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chaos-github-'))
  await using opened = new AsyncDisposableStack()
  const sandbox = opened.adopt(await startSandbox({ dir: path.join(folder, 'sandbox') }), one => one.close())
  const postgres = opened.adopt(await startPostgres(path.join(folder, 'db')), one => one.close())
  const port = await freePort()
  const webUrl = `http://127.0.0.1:${port}`
  const settings: Record<string, string> = {
    ...sandbox.settings,
    ...{ DATABASE_URL: postgres.url, HOST: '127.0.0.1', PORT: String(port), SLUICE_URL: webUrl },
    ...{ SLUICE_MASTER_KEY: randomBytes(32).toString('hex'), LOG_LEVEL: 'info' },
    SLUICE_STORAGE: path.join(folder, 'artifacts'),
  }
  const env = { ...settings, SLUICE_DATA: path.join(folder, 'command') }
  await run(process.execPath, [path.join(checkout, 'bin/sluice.js'), 'migrate'], { cwd: checkout, env })
  const state = opened.adopt(openState(postgres.url), one => one.close())
  const processes = startProcesses(folder, settings)
  opened.defer(() => Promise.all([...processes.values()].map(one => one.end())).then(() => {}))
  await Promise.all([...processes.values()].map(one => one.up()))
  sandbox.github.setWebhookUrl(`${webUrl}/api/github/webhooks`)
  const repository = await openRepository(sandbox, folder, wanted.branches)
  const open = opened.move()
  let kills = 0
  return {
    folder,
    misbehave: () => misbehave(sandbox.github, wanted),
    push: repository.push,
    checked: repository.checked,
    async kill(slot) {
      kills += 1
      const process = processes.get(slot)
      await process?.up()
      await process?.kill()
      await process?.up()
    },
    isAtRest: async () => {
      await repository.delivered()
      return state.isAtRest()
    },
    async facts() {
      const { calls } = sandbox.github
      const counted = { ...calls, byRoute: new Map(calls.byRoute) }
      sandbox.github.faults.often.every = 0
      const builds = await state.builds()
      return {
        ...(await repository.facts(builds)),
        builds,
        calls: counted,
        pushes: wanted.pushes + wanted.branches,
        kills,
      }
    },
    async close(clean) {
      await open.disposeAsync()
      if (!clean) return
      await removeData(path.join(folder, 'db'))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function startProcesses(folder: string, settings: Record<string, string>): Map<string, Watched> {
  const started = (['web', 'builder'] as const).map(slot => {
    const at = path.join(folder, slot, 'data')
    return [slot, watch({ slot, folder: at, settings, standing: () => [], onEnd: () => {} })] as const
  })
  return new Map(started)
}
