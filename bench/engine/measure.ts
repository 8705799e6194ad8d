// The measurements of one round of one contender. What is drained was stored before, at one commit; a drain ends when the
// database has it that nothing is left, which is asked for by a connection of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from './contender.ts'

export interface Round {
  drainPerSecond: number
  enqueuePerSecond: number
  bulkPerSecond: number | null
  latenciesMs: number[]
}

// Of a drain that takes seconds; asked more often, the question itself takes its share of them.
const lookMs = 20
const warmUps = 50
const latencies = 100
const mostOneByOne = 1_000

export async function measure(contender: Contender, executions: number): Promise<Round> {
  const oneByOne = Math.min(executions, mostOneByOne)
  const enqueueMs = await timed(async () => {
    for (let call = 0; call < oneByOne; call++) await contender.enqueue()
  })
  const { enqueueAll } = contender
  const bulkMs = enqueueAll ? await timed(() => enqueueAll(executions)) : null
  await contender.startWorking()
  await untilIdle(contender)
  const latenciesMs: number[] = []
  for (let call = 0; call < warmUps + latencies; call++) {
    const ms = await contender.startLatencyMs()
    if (call >= warmUps) latenciesMs.push(ms)
  }
  await untilIdle(contender)
  await contender.fill(executions)
  const drainMs = await timed(() => untilIdle(contender))
  await contender.stopWorking()
  return {
    drainPerSecond: perSecond(executions, drainMs),
    enqueuePerSecond: perSecond(oneByOne, enqueueMs),
    bulkPerSecond: bulkMs === null ? null : perSecond(executions, bulkMs),
    latenciesMs,
  }
}

async function untilIdle(contender: Contender): Promise<void> {
  while (!(await contender.isIdle())) await sleep(lookMs)
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function perSecond(amount: number, ms: number): number {
  return (amount * 1_000) / ms
}
