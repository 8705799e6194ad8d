// A worker as a process of its own, which a test can kill: with the artifacts of a folder, over the database of the test.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

export interface Settings {
  url: string
  /** With the artifacts; each worker has a folder of its own name in it. */
  folder: string
  concurrency: number
  name?: string
}

/** Runs until it is killed, as the worker role does; without walls, so that its functions see what they wait for. */
export function startWorkerProcess({ url, folder, concurrency, name = 'killed' }: Settings): ChildProcess {
  const program = `
    import { createFolderStore } from './src/artifacts/folder.ts'
    import { connect } from './src/db/client.ts'
    import { createPayloads } from './src/executions/payloads.ts'
    import { createExecutionWorker } from './src/executions/worker.ts'
    import { createLog } from './src/log.ts'
    import { createProcessRunner } from './src/runner/process.ts'
    import { probeIsolation } from './src/isolation/probe.ts'
    import { startAll } from './src/service.ts'
    const log = createLog('silent')
    const url = ${JSON.stringify(url)}
    const artifacts = createFolderStore(${JSON.stringify(path.join(folder, 'artifacts'))})
    const { db } = connect(url, { max: 4, name: 'worker to be killed' })
    const runner = createProcessRunner({
      artifacts, folder: ${JSON.stringify(path.join(folder, name))}, concurrency: ${concurrency}, environmentFor: () => ({}),
      isolation: () => probeIsolation(false, process.env.PATH), log,
    })
    await startAll(createExecutionWorker({
      core: { db, jobs: null, append: async () => {}, payloads: createPayloads(db, artifacts) }, url, runner, config: { concurrency: ${concurrency}, historySeconds: 86_400 }, log,
    }))`
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: 'inherit',
  })
  onTestFinished(() => void worker.kill('SIGKILL'))
  return worker
}

/** Ends it as a machine that loses its power would. */
export function kill(worker: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    worker.once('exit', () => resolve())
    worker.kill('SIGKILL')
  })
}
