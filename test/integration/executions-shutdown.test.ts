// A worker that is asked to stop (RELIABILITY.md F14), with real processes: what runs is told at once, has until shortly before
// the deadline, and is given back without a retry where it is not done by then.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { log, setup, until } from './executions-setup.ts'
import { withoutWalls } from './runner-setup.ts'

const listening = `const signal = globalThis[Symbol.for('sluice.signal')]
  const told = new Promise(resolve => signal.addEventListener('abort', resolve))
  fs.writeFileSync(file, '')
  await told`
const ends = {
  finishes: `${listening}; await new Promise(done => setTimeout(done, 50)); return signal.reason.cause`,
  givesUp: `${listening}; throw signal.reason`,
  goesOn: `${listening}; await new Promise(() => {})`,
  deaf: "fs.writeFileSync(file, ''); await new Promise(() => {})",
  loops: "fs.writeFileSync(file, ''); for (;;) {}",
}

test('gives back what does not end, and keeps what does', async () => {
  const here = await setup(inject('postgresUrl'))
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-shutdown-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const runner = createProcessRunner({
    artifacts: here.artifacts,
    folder: path.join(folder, 'runner'),
    concurrency: 5,
    environmentFor: () => ({}),
    isolation: withoutWalls,
    log,
  })
  const { core, url } = here
  const services = createExecutionWorker({
    core,
    url,
    runner,
    config: { concurrency: 5, historySeconds: 86_400 },
    log,
  })
  await startAll(services)
  const ids: Record<string, string> = {}
  for (const [name, body] of Object.entries(ends)) {
    const code = `import fs from 'node:fs'; export default async file => { ${body} }`
    const one = await here.deploy(name, {}, { code })
    const execution = await here.call(one, path.join(folder, `${name}.begun`))
    ids[name] = execution.id
  }
  await until(async () => readdirSync(folder).filter(name => name.endsWith('.begun')).length === 5)
  await stopAll(services, new Date(Date.now() + 4_000))

  const given = { state: 'queued', retries: 0, crashes: 0, attempt: 1, error: null }
  expect(await here.stateOf(ids.finishes ?? '')).toMatchObject({
    state: 'succeeded',
    result: '"shutting_down"',
  })
  for (const name of ['givesUp', 'goesOn', 'deaf', 'loops']) {
    const id = ids[name] ?? ''
    expect(await here.stateOf(id), name).toMatchObject(given)
    expect(await here.attemptsOf(id)).toMatchObject([{ state: 'interrupted' }])
  }
  expect(readdirSync(path.join(folder, 'runner', 'homes'))).toEqual([])
})
