// The public API and a worker over one database, as one process has them: what calls are answered, and what becomes of them.
import { onTestFinished } from 'vitest'
import { publicApi } from '../../src/api/public-api.ts'
import { createToken } from '../../src/api/tokens.ts'
import { connect, type Database } from '../../src/db/client.ts'
import { createExecutionWorker } from '../../src/executions/worker.ts'
import { startAll, stopAll } from '../../src/service.ts'
import { createWeb } from '../../src/web.ts'
import { log, type Place } from '../integration/executions-setup.ts'
import { createHandRunner } from './hand-runner.ts'
import { createTestCore } from './place.ts'

export interface Serving {
  /** Of the API alone; the worker and the place have their own. */
  pool: Database
  hand: ReturnType<typeof createHandRunner>
  /** Calls a function over HTTP. */
  call(functionName: string): Promise<{ status: number; id: string; error: string | null }>
}

/** `url` of the database as API and worker reach it; `place` reaches it as before. */
export async function serve(place: Place, { url = place.url, connections = 4 } = {}): Promise<Serving> {
  const pool = connect(url, { max: connections, name: 'api' })
  const core = { ...createTestCore(pool.db), payloads: place.core.payloads }
  const hand = createHandRunner()
  const services = createExecutionWorker({
    core,
    url,
    runner: hand.runner,
    config: { concurrency: 4, historySeconds: 86_400 },
    log,
  })
  const web = await createWeb(
    [publicApi({ core, masterKey: 'a master key for tests, nothing more', log })],
    async () => {},
    log,
  )
  const at = await web.listen('127.0.0.1', 0)
  await startAll(services)
  onTestFinished(async () => {
    await stopAll(services, new Date())
    await web.close()
    await pool.close()
  })
  const token = await createToken(place.db, place.environment.id)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    pool,
    hand,
    async call(functionName) {
      const body = JSON.stringify({ function_name: functionName, function_arguments: [] })
      const response = await fetch(`${at}/public/v2/executions`, { method: 'PUT', headers, body })
      const { data, error = null } = (await response.json()) as { data?: { id: string }; error?: string }
      return { status: response.status, id: data?.id ?? '', error }
    },
  }
}
