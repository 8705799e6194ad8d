// kill -9 of a worker process with its slots full: everything it held finishes elsewhere, each settled once, with the reason.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { executions, liveExecutions } from '../../src/db/schema.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { log, type Place, setup, until } from './executions-setup.ts'
import { kill, startWorkerProcess } from './executions-worker-process.ts'
import { withoutWalls } from './runner-setup.ts'

const inFlight = 20

test('a killed worker loses nothing', async () => {
  const here = await setup(inject('postgresUrl'))
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const artifacts = createFolderStore(path.join(folder, 'artifacts'))
  // Holds its slot while the flag file is missing: the killed worker's attempts can only be ended by the kill.
  const flag = path.join(folder, 'flag')
  const code = `
    import fs from 'node:fs'
    export default async n => {
      while (!fs.existsSync(${JSON.stringify(flag)})) await new Promise(done => setTimeout(done, 20))
      return n
    }`
  await artifacts.put(Buffer.from(code))
  await artifacts.put(Buffer.from('{}'))
  const one = await here.deploy('one', {}, { code })
  for (let index = 0; index < inFlight; index++) await here.call(one, index)
  const worker = startWorkerProcess({ url: here.url, folder, concurrency: inFlight })
  const count = (state: 'running' | 'succeeded') => here.db.$count(executions, eq(executions.state, state))
  await until(async () => (await count('running')) === inFlight)
  await kill(worker)

  // Half a minute passes: no lease was renewed.
  await here.db.update(liveExecutions).set({ leaseUntil: new Date(Date.now() - 1_000) })
  const runner = createProcessRunner({
    artifacts,
    folder: path.join(folder, 'second'),
    concurrency: 4,
    environmentFor: () => ({}),
    isolation: withoutWalls,
    log,
  })
  writeFileSync(flag, '')
  const services = createExecutionWorker({
    core: here.core,
    url: here.url,
    runner,
    config: { concurrency: 4, historySeconds: 86_400 },
    log,
  })
  await startAll(services)
  onTestFinished(() => stopAll(services, new Date(Date.now() + 2_000)))
  await until(async () => (await count('succeeded')) === inFlight)

  const rows = await here.db.select().from(executions)
  for (const row of rows) {
    expect(row).toMatchObject({ result: JSON.parse(row.arguments)[0].toString(), crashes: 1, retries: 0 })
    expect(row.attempts.map(one => [one.state, one.reason])).toEqual([
      ['lost', 'first'],
      ['succeeded', 'lease_expired'],
    ])
  }
})

test('one killed between quick attempts, with more claimed ahead, loses nothing and repeats only what it held', async () => {
  const here = await setup(inject('postgresUrl'))
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const artifacts = createFolderStore(path.join(folder, 'artifacts'))
  const code = 'export default n => n'
  await artifacts.put(Buffer.from(code))
  await artifacts.put(Buffer.from('{}'))
  const one = await here.deploy('one', {}, { code })
  const calls = 1_500
  await here.db.insert(liveExecutions).values(
    Array.from({ length: calls }, (_, index) => ({
      environmentId: one.environmentId,
      functionId: one.id,
      arguments: `[${index}]`,
    })),
  )
  const worker = startWorkerProcess({ url: here.url, folder, concurrency: inFlight })
  const count = (state: 'running' | 'succeeded') => here.db.$count(executions, eq(executions.state, state))
  await until(async () => (await count('succeeded')) > 100)
  await kill(worker)
  await until(async () => (await connectionsOf(here.db, 'worker to be killed')) === 0)

  const held = await here.db
    .select({ id: executions.id })
    .from(executions)
    .where(eq(executions.state, 'running'))
  await here.db
    .update(liveExecutions)
    .set({ leaseUntil: new Date(Date.now() - 1_000) })
    .where(eq(liveExecutions.state, 'running'))
  const options = {
    artifacts,
    folder: path.join(folder, 'second'),
    concurrency: 4,
    environmentFor: () => ({}),
    isolation: withoutWalls,
    log,
  }
  const runner = createProcessRunner(options)
  const config = { concurrency: 4, historySeconds: 86_400 }
  const services = createExecutionWorker({ core: here.core, url: here.url, runner, config, log })
  await startAll(services)
  onTestFinished(() => stopAll(services, new Date(Date.now() + 2_000)))
  await until(async () => (await count('succeeded')) === calls)

  const repeated = new Set(held.map(row => row.id))
  for (const row of await here.db.select().from(executions)) {
    expect(row.result).toBe(JSON.parse(row.arguments)[0].toString())
    expect([row.attempt, row.crashes]).toEqual(repeated.has(row.id) ? [2, 1] : [1, 0])
    expect(row.attempts.map(one => one.reason)).toEqual(
      repeated.has(row.id) ? ['first', 'lease_expired'] : ['first'],
    )
  }
})

/** What a killed process had sent may still be at work in its connections. */
async function connectionsOf(db: Place['db'], name: string): Promise<number> {
  const [row] = await db.execute<{ amount: number }>(sql`
    select count(*)::int as amount from pg_stat_activity
    where datname = current_database() and application_name = ${name}`)
  return row?.amount ?? 0
}
