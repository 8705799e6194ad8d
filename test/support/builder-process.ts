// A builder in a process of its own, over the database, data folder and repository of a test: what a kill -9 is tried on.
// Run as a program it works the queue until it is killed; with CRASH_AT it kills itself.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import { createBuildWorker } from '../../src/builds/worker.ts'
import type { CrashPoint } from '../../src/crash-point.ts'
import { connect } from '../../src/db/client.ts'
import { createJobs } from '../../src/db/jobs.ts'
import { createAppend } from '../../src/events/outbox.ts'
import { findIsolation } from '../../src/isolation/find-isolation.ts'
import { createLog } from '../../src/log.ts'
import { openGitSource } from '../fakes/source.ts'

const masterKey = 'the master key of tests, long enough'

interface Place {
  databaseUrl: string
  dataDir: string
  repository: string
}

/** Kill it with its own id; `ended` tells by which signal it went. */
export function startBuilderProcess(place: Place, crashAt: CrashPoint | null) {
  const { CRASH_AT: _, ...environment } = process.env
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(place)], {
    env: { ...environment, ...(crashAt === null ? {} : { CRASH_AT: crashAt }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return { child, ended: endOf(child) }
}

function endOf(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
}

async function work({ databaseUrl, dataDir, repository }: Place): Promise<void> {
  const log = createLog('silent')
  const database = connect(databaseUrl, { max: 6, name: 'builder process' })
  const jobs = createJobs(database, log)
  const core = { db: database.db, pool: database.db, jobs, append: createAppend(jobs, []) }
  const source = openGitSource(repository)
  const artifacts = createFolderStore(path.join(dataDir, 'artifacts'))
  await jobs.start()
  const storage = path.join(dataDir, 'artifacts')
  const isolation = () => findIsolation('auto', searchPathOf(), log)
  const config = { dataDir, storage, channel: 'stable', builders: [] }
  await createBuildWorker({ core, source, artifacts, config, isolation, masterKey, log }).start()
}

const [, program = '', place] = process.argv
if (program === fileURLToPath(import.meta.url) && place) await work(JSON.parse(place))
