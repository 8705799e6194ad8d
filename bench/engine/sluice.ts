// Ours, with everything that a worker process runs: calls come in by HTTP or by the verb behind it, attempts run in child
// processes of their own and are kept as history. The function tells when it began in its result.
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { publicApi } from '../../src/api/public-api.ts'
import { runtimeToken } from '../../src/api/tokens.ts'
import { createFolderStore } from '../../src/artifacts/folder.ts'
import { searchPathOf } from '../../src/builds/processes/machine.ts'
import { connect } from '../../src/db/client.ts'
import { createBell } from '../../src/executions/bell.ts'
import { enqueue } from '../../src/executions/enqueue.ts'
import { enqueueBulk } from '../../src/executions/enqueue-bulk.ts'
import { createPayloads, type ExecutionCore } from '../../src/executions/payloads.ts'
import { createWake } from '../../src/executions/wake.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { findIsolation } from '../../src/isolation/find-isolation.ts'
import { createLog } from '../../src/log.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { type Service, startAll, stopAll } from '../../src/service.ts'
import { createWeb } from '../../src/web.ts'
import { createTestCore } from '../../test/support/place.ts'
import { type Contender, slots } from './contender.ts'
import { deployNoop, functionName } from './noop.ts'

const connections = 20
// The function tells when it began: asking must not take the time of those who start it.
const askAgainMs = 25

export interface Sluice extends Contender {
  core: ExecutionCore
  /** The function that does nothing. */
  one: { id: string; environmentId: string }
  driver: postgres.Sql
  /** Says to the workers that there is work. */
  wake(): void
}

const dayInSeconds = 86_400

export async function createSluice(
  url: string,
  folder: string,
  historySeconds = dayInSeconds,
): Promise<Sluice> {
  const log = createLog('error')
  const { db, driver, close } = connect(url, { max: connections, name: 'sluice' })
  const artifacts = createFolderStore(path.join(folder, 'artifacts'))
  const core = { ...createTestCore(db), payloads: createPayloads(db, artifacts) }
  const one = await deployNoop(db, artifacts)
  const bell = createBell()
  const masterKey = randomBytes(32).toString('hex')
  const web = await createWeb([publicApi({ core, masterKey, log, ring: bell.ring })], async () => {}, log)
  const client = createClient(await web.listen('127.0.0.1', 0), runtimeToken(masterKey, one.environmentId))
  const wake = createWake(db, log, bell.ring)
  let services: Service[] = []
  return {
    name: 'sluice',
    core,
    one,
    driver,
    wake,
    async enqueue() {
      await enqueue(core, { environmentId: one.environmentId, functionName, arguments: [0] })
    },
    async enqueueAll(amount) {
      const calls = Array.from({ length: amount }, () => ({ functionName, arguments: [0] }))
      await enqueueBulk(core, one.environmentId, calls)
    },
    async startLatencyMs() {
      const from = performance.timeOrigin + performance.now()
      return Number(await client.resultOf(await client.enqueue([1]))) - from
    },
    async fill(amount) {
      await driver`
        insert into live_executions (environment_id, function_id, arguments)
        select ${one.environmentId}, ${one.id}, '[0]' from generate_series(1, ${amount}::int)`
      wake()
    },
    async isIdle() {
      const [row] = await driver`
        select where exists (select from live_executions)`
      return row === undefined
    },
    async startWorking() {
      const runner = createProcessRunner({
        artifacts,
        folder: path.join(folder, 'runner'),
        concurrency: slots,
        environmentFor: () => ({}),
        isolation: () => findIsolation('auto', searchPathOf(), log),
        log,
      })
      services = createExecutionWorker({
        core,
        url,
        runner,
        bell,
        config: { concurrency: slots, historySeconds },
        log,
      })
      await startAll(services)
    },
    async stopWorking() {
      await stopAll(services, new Date(Date.now() + 10_000))
    },
    async close() {
      await web.close()
      await close()
    },
  }
}

/** Speaks to the public API as the SDK does. */
function createClient(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  async function ask(method: string, where: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${url}/public/v2${where}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    async enqueue(args: unknown[]): Promise<string> {
      const body = { function_name: functionName, function_arguments: args }
      const answer = await (await ask('PUT', '/executions', body)).json()
      return (answer as { data: { id: string } }).data.id
    },
    async resultOf(id: string): Promise<string> {
      for (;;) {
        await sleep(askAgainMs)
        const response = await ask('GET', `/executions/${id}/results`)
        const text = await response.text()
        if (response.status === 200) return text
      }
    },
  }
}
