// Sluice as it runs, for the test of switches: PostgreSQL, workers as processes of their own, and an environment with one
// function that submits items. The switches are made by the verbs that pushes and commands end in, over code that is there.
import path from 'node:path'
import { startSluice } from '../../sandbox/demo/server.ts'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { succeed } from '../../src/builds/settle.ts'
import { findOrder } from '../../src/builds/store.ts'
import { connect } from '../../src/db/client.ts'
import { migrate } from '../../src/db/migrate.ts'
import { builds } from '../../src/db/schema.ts'
import { enqueueBulk } from '../../src/executions/enqueue-bulk.ts'
import { createPayloads } from '../../src/executions/payloads.ts'
import { createWake } from '../../src/executions/wake.ts'
import type { Manifest } from '../../src/functions/manifest.ts'
import { resume } from '../../src/functions/resume.ts'
import { rollback } from '../../src/functions/rollback.ts'
import { createLog } from '../../src/log.ts'
import { createTestCore, found, insertEnvironment, insertRepository } from '../../test/support/place.ts'

export const functionName = 'submit'

/**
 * Submits its items one after another, with as long a delay after each. Its first line looks at the clock, which is one for all
 * processes of the machine: the way to the endpoint is no part of a start.
 */
const codeOf = (version: string) => `
  import http from 'node:http'
  const agent = new http.Agent({ keepAlive: true })
  const post = url => new Promise((resolve, reject) =>
    http.request(url, { method: 'POST', agent }, response => response.resume().on('end', resolve))
      .on('error', reject).end())
  export default async (run, items, delayMs, url) => {
    const startedNs = process.hrtime.bigint()
    for (let number = 1; number <= items; number++) {
      await post(url + '/${version}/' + run + '/' + number + '/' + startedNs)
      if (delayMs > 0) await new Promise(resolve => setTimeout(resolve, delayMs))
    }
  }`

export interface Run {
  number: number
  items: number
  delayMs: number
}

export interface Place {
  call(runs: Run[]): Promise<void>
  /** A build of that version goes live, as at the end of a push. */
  deploy(version: string): Promise<void>
  /** To the build before. */
  rollBack(): Promise<void>
  /** Lifts the pin that a rollback left: the newest build is live again. */
  resume(): Promise<void>
  /** How many executions are not finished, or took more than one attempt. */
  unfinished(): Promise<number>
  triedAgain(): Promise<number>
  close(): Promise<void>
}

export interface Settings {
  /** Of a database that is there for this. */
  url: string
  folder: string
  endpoint: string
  workers: number
  concurrency: number
}

export async function createPlace({ url, folder, endpoint, workers, concurrency }: Settings): Promise<Place> {
  await migrate(url)
  const { db, driver, close } = connect(url, { max: 10, name: 'cutover' })
  const storage = path.join(folder, 'artifacts')
  const artifacts = createFolderStore(storage)
  const core = { ...createTestCore(db), payloads: createPayloads(db, artifacts) }
  const repository = await insertRepository(db)
  const { id: environmentId } = await insertEnvironment(db, repository.id)
  const wake = createWake(db, createLog('error'))
  const settings = { DATABASE_URL: url, SLUICE_STORAGE: storage, SLUICE_CONCURRENCY: `${concurrency}` }
  const processes = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      startSluice({
        dataDir: path.join(folder, `worker-${index}`),
        settings,
        args: ['--roles', 'worker'],
      }),
    ),
  )
  let number = 0
  const by = { environmentId, functionName: null, actor: 'bench', dryRun: false }

  async function manifestOf(version: string): Promise<Manifest> {
    const bundleDigest = await artifacts.put(Buffer.from(codeOf(version)))
    const sourceMapDigest = await artifacts.put(Buffer.from('{}'))
    return [{ ...found(functionName), bundleDigest, sourceMapDigest }]
  }

  return {
    async call(runs) {
      const calls = runs.map(run => ({
        functionName,
        arguments: [run.number, run.items, run.delayMs, endpoint],
      }))
      await enqueueBulk(core, environmentId, calls)
      wake()
    },
    async deploy(version) {
      number += 1
      const sha = number.toString(16).padStart(40, '0')
      const [row] = await db
        .insert(builds)
        .values({ environmentId, number, sha, ref: 'refs/heads/main', state: 'publishing' })
        .returning()
      const order = row ? await findOrder(db, row.id) : null
      if (!order) throw new Error('the build was not stored')
      const unknown = { installCached: null, scope: null, contentDigest: null }
      await succeed(core, order, { manifest: await manifestOf(version), ...unknown })
    },
    async rollBack() {
      const outcome = await rollback(core, { ...by, to: null, reason: null })
      if (outcome.kind !== 'done') throw new Error(outcome.message)
    },
    async resume() {
      const outcome = await resume(core, by)
      if (outcome.kind !== 'done') throw new Error(outcome.message)
    },
    async unfinished() {
      const [row] = await driver<{ amount: number }[]>`select count(*)::int as amount from live_executions`
      return row?.amount ?? 0
    },
    async triedAgain() {
      const [row] = await driver<{ amount: number }[]>`
        select count(*)::int as amount from finished_executions where attempt > 1 or state <> 'succeeded'`
      return row?.amount ?? 0
    },
    async close() {
      await Promise.all(processes.map(one => one.stop()))
      await close()
    },
  }
}
