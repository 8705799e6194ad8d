// graphile-worker in this process: as it comes but for the number of slots, and batched as its documentation recommends for many quick jobs
// (worker.graphile.org/docs/performance): jobs are fetched into a local queue, completions are written together.
import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import type postgres from 'postgres'
import { type Contender, slots } from './contender.ts'
import { createWaiting } from './waiting.ts'

const quiet = new Logger(() => () => {})
const batching = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }

export async function createGraphileWorker(
  url: string,
  driver: postgres.Sql,
  batched: boolean,
): Promise<Contender> {
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet })
  await utils.migrate()
  const waiting = createWaiting()
  let runner: Runner | null = null
  return {
    name: batched ? 'graphile-worker batched' : 'graphile-worker default',
    async enqueue() {
      await utils.addJob('noop', { call: 0 })
    },
    async enqueueAll(amount) {
      await utils.addJobs(
        Array.from({ length: amount }, () => ({ identifier: 'noop', payload: { call: 0 } })),
      )
    },
    async startLatencyMs() {
      const { call, began } = waiting.expect()
      const from = performance.now()
      await utils.addJob('noop', { call })
      return (await began) - from
    },
    async fill(amount) {
      await driver`
        select count(graphile_worker.add_job('noop', '{"call":0}'::json)) from generate_series(1, ${amount}::int)`
    },
    async isIdle() {
      const [row] = await driver`select from graphile_worker._private_jobs limit 1`
      return row === undefined
    },
    async startWorking() {
      runner = await run({
        connectionString: url,
        logger: quiet,
        preset: { worker: { concurrentJobs: slots, ...(batched ? batching : {}) } },
        noHandleSignals: true,
        taskList: { noop: payload => waiting.begin((payload as { call: number }).call) },
      })
    },
    async stopWorking() {
      await runner?.stop()
      runner = null
    },
    async close() {
      await utils.release()
    },
  }
}
