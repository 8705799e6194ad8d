// pg-boss in this process, with what its documentation has for many quick jobs: notifications, batches, and no pause while
// batches come back full.
import { PgBoss } from 'pg-boss'
import type postgres from 'postgres'
import { type Contender, slots } from './contender.ts'
import { createWaiting } from './waiting.ts'

const queue = 'noop'
const batchSize = 100

export async function createPgBoss(url: string, driver: postgres.Sql): Promise<Contender> {
  const boss = new PgBoss({ connectionString: url, useListenNotify: true, schedule: false })
  boss.on('error', error => process.stderr.write(`pg-boss: ${error.message}\n`))
  await boss.start()
  await boss.createQueue(queue, { notify: true })
  const waiting = createWaiting()
  const insert = (amount: number) =>
    boss.insert(
      queue,
      Array.from({ length: amount }, () => ({ data: { call: 0 } })),
    )
  return {
    name: 'pg-boss',
    async enqueue() {
      await boss.send(queue, { call: 0 })
    },
    async enqueueAll(amount) {
      await insert(amount)
    },
    async startLatencyMs() {
      const { call, began } = waiting.expect()
      const from = performance.now()
      await boss.send(queue, { call })
      return (await began) - from
    },
    async fill(amount) {
      await insert(amount)
    },
    async isIdle() {
      const [row] = await driver`select from pgboss.job where name = ${queue} and state < 'completed' limit 1`
      return row === undefined
    },
    async startWorking() {
      await boss.work<{ call: number }>(
        queue,
        { batchSize, localConcurrency: slots, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
        async jobs => {
          for (const { data } of jobs) waiting.begin(data.call)
        },
      )
    },
    async stopWorking() {
      await boss.offWork(queue, { wait: true })
    },
    async close() {
      await boss.stop({ graceful: false })
    },
  }
}
