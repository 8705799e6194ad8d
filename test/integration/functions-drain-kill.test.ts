// A drain with real processes: functions that hear of it, a worker that is killed in the middle of it, and whoever drains being
// killed at every step of the transaction. It is never called safe while something may be under way, and never stuck.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import type { CrashPoint } from '../../src/crash-point.ts'
import { environments, events, executions, liveExecutions } from '../../src/db/schema.ts'
import { rescue } from '../../src/executions/rescue.ts'
import { drain, finishDrains } from '../../src/functions/drain.ts'
import { resume } from '../../src/functions/resume.ts'
import { only, setup, until } from './executions-setup.ts'
import { kill, startWorkerProcess } from './executions-worker-process.ts'

const root = path.resolve(import.meta.dirname, '../..')

async function place() {
  const here = await setup(inject('postgresUrl'))
  const { core, db, environment } = here
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-drain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const artifacts = createFolderStore(path.join(folder, 'artifacts'))
  const by = { environmentId: environment.id, actor: 'ada', dryRun: false }
  return {
    ...here,
    startWorker: (concurrency: number, name: string) =>
      startWorkerProcess({ url: here.url, folder, concurrency, name }),
    flag: path.join(folder, 'flag'),
    /** What is only claimed by then would be handed back, as if nothing had been. */
    begun: (amount: number) =>
      until(async () => readdirSync(folder).filter(name => name.startsWith('flag.begun')).length === amount),
    async deployCode(code: string) {
      await artifacts.put(Buffer.from(code))
      await artifacts.put(Buffer.from('{}'))
      return here.deploy('one', {}, { code })
    },
    drain: (graceSeconds: number) => drain(core, { ...by, graceSeconds }),
    resume: () => resume(core, { ...by, functionName: null }),
    mode: async () => only(await db.select({ mode: environments.mode }).from(environments)).mode,
    said: async () => (await db.select({ type: events.type }).from(events)).map(one => one.type),
    count: (state: 'queued' | 'running' | 'succeeded') => db.$count(executions, eq(executions.state, state)),
    historyOf: async (id: string) =>
      (await here.stateOf(id)).attempts.map(one => [one.state, one.reason] as const),
  }
}

/** Says that it has begun, and goes on until there is a file; `told`: or until it hears that it is to end. */
const waiting = (flag: string, told: boolean) => `
  import fs from 'node:fs'
  export default async n => {
    fs.writeFileSync(${JSON.stringify(flag)} + '.begun' + n, '')
    const signal = globalThis[Symbol.for('sluice.signal')]
    while (!fs.existsSync(${JSON.stringify(flag)})) {
      if (${told}) signal?.throwIfAborted()
      await new Promise(done => setTimeout(done, 20))
    }
    return n
  }`

test('functions that hear of it give up, in every worker, and run again when it is over', async () => {
  const here = await place()
  const one = await here.deployCode(waiting(here.flag, true))
  for (const name of ['a', 'b']) here.startWorker(2, name)
  const ids: string[] = []
  for (let index = 0; index < 4; index++) ids.push((await here.call(one, index)).id)
  await here.begun(4)
  expect(await here.drain(3_600)).toMatchObject({ kind: 'done', code: 'draining' })
  await until(async () => (await here.mode()) === 'safe_to_stop')
  expect([await here.count('running'), await here.count('queued')]).toEqual([0, 4])
  writeFileSync(here.flag, '')
  await here.resume()
  await until(async () => (await here.count('succeeded')) === 4)
  for (const id of ids)
    expect(await here.historyOf(id)).toEqual([
      ['interrupted', 'first'],
      ['succeeded', 'interrupted'],
    ])
})

test('a worker that is killed during it leaves it unsafe until what it held is taken back', async () => {
  const here = await place()
  const one = await here.deployCode(waiting(here.flag, false))
  const worker = here.startWorker(3, 'killed')
  const ids: string[] = []
  for (let index = 0; index < 3; index++) ids.push((await here.call(one, index)).id)
  await here.begun(3)
  await here.drain(3_600)
  await kill(worker)
  await finishDrains(here.core)
  expect(await here.mode()).toBe('preparing_for_stop')
  // Half a minute passes: no lease was renewed.
  await here.db.update(liveExecutions).set({ leaseUntil: new Date(Date.now() - 1_000) })
  await rescue(here.core)
  await finishDrains(here.core)
  expect(await here.mode()).toBe('safe_to_stop')
  expect(await here.count('queued')).toBe(3)

  writeFileSync(here.flag, '')
  here.startWorker(3, 'second')
  await here.resume()
  await until(async () => (await here.count('succeeded')) === 3)
  for (const id of ids)
    expect(await here.historyOf(id)).toEqual([
      ['lost', 'first'],
      ['succeeded', 'lease_expired'],
    ])
})

/** Ends as it says itself. */
function runUntilKilled(url: string, environmentId: string, crashAt: CrashPoint, call: string) {
  const program = `
    import { connect } from './src/db/client.ts'
    import { drain, finishDrains } from './src/functions/drain.ts'
    const { db } = connect(${JSON.stringify(url)}, { max: 4, name: 'to be killed' })
    const core = { db, pool: db, jobs: null, append: async () => {} }
    const request = { environmentId: '${environmentId}', actor: 'ada', dryRun: false, graceSeconds: 60 }
    await ${call}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { ...process.env, CRASH_AT: crashAt },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  return new Promise<NodeJS.Signals | null>(resolve => child.on('exit', (_, signal) => resolve(signal)))
}

test.each(['drain.preparing', 'drain.halted', 'drain.safe'] as const)(
  'killed at %s, nothing was changed, and the next one does it',
  async crashAt => {
    const here = await place()
    const one = await here.deploy('one')
    expect(await runUntilKilled(here.url, one.environmentId, crashAt, 'drain(core, request)')).toBe('SIGKILL')
    expect(await here.mode()).toBe('normal')
    await here.call(one)
    const claimed = only((await here.claim(1)).executions)
    expect(await here.drain(60)).toMatchObject({ kind: 'done', code: 'draining' })
    await here.end(claimed, { kind: 'returned', result: '1' })
    expect(await runUntilKilled(here.url, one.environmentId, 'drain.safe', 'finishDrains(core)')).toBe(
      'SIGKILL',
    )
    expect(await here.mode()).toBe('preparing_for_stop')
    await finishDrains(here.core)
    expect(await here.mode()).toBe('safe_to_stop')
    expect(await here.said()).toEqual(['environment.draining', 'environment.safe_to_stop'])
  },
)
