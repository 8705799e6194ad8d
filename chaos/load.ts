// Calls functions over the real API, as an application would: what is not answered is called again, under another key. Keeps
// what was answered 2xx, which is what was promised; and goes no further ahead of the faults than it is let.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FunctionName } from './project.ts'
import type { Random } from './random.ts'

export interface Call {
  name: FunctionName
  /** After the key. */
  args: number[]
  delayMs: number | null
  cancel: boolean
}

export interface Accepted extends Call {
  id: string
  key: string
  atMs: number
  notBeforeMs: number
  /** Answered 2xx to its cancellation: from then on it must not start. */
  cancelledAtMs: number | null
}

export interface Load {
  accepted: readonly Accepted[]
  /** Calls that were sent and not answered 2xx: nobody knows whether they were stored. */
  unanswered(): number
  /** Makes all calls of the run. */
  run(): Promise<void>
  one(call: Call, key: string): Promise<Accepted>
  /** Resolves when so many are accepted. */
  reached(amount: number): Promise<void>
  /** How many it may have accepted by now. */
  allow(amount: number): void
}

interface Options {
  url: string
  token: string
  random: Random
  executions: number
}

const atOnce = 6
const againMs = 100
const answerWithinMs = 20_000
const patienceMs = 180_000

export function createLoad({ url, token, random, executions }: Options): Load {
  const accepted: Accepted[] = []
  const calls = Array.from({ length: executions }, () => callOf(random))
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  let unanswered = 0
  let next = 0
  let allowed = 0
  let changed = Promise.withResolvers<void>()
  const announce = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await changed.promise
  }

  async function ask(method: string, at: string, body: unknown): Promise<Response | null> {
    try {
      const signal = AbortSignal.timeout(answerWithinMs)
      const init = { method, headers, signal, body: JSON.stringify(body) }
      const response = await fetch(`${url}/public/v2${at}`, init)
      // The answer counts when it is here as a whole.
      return new Response(await response.text(), { status: response.status })
    } catch {
      return null
    }
  }

  async function one(call: Call, key: string): Promise<Accepted> {
    const giveUpAt = Date.now() + patienceMs
    for (let times = 1; ; times++) {
      const own = times === 1 ? key : `${key}.${times}`
      const notBeforeMs = Date.now() + (call.delayMs ?? 0)
      const response = await ask('PUT', '/executions', {
        function_name: call.name,
        function_arguments: [own, ...call.args],
        ...(call.delayMs === null ? {} : { schedule_for: new Date(notBeforeMs).toISOString() }),
      })
      if (response?.status === 201) {
        const { data } = (await response.json()) as { data: { id: string } }
        const one = { ...call, id: data.id, key: own, atMs: Date.now(), notBeforeMs, cancelledAtMs: null }
        return one
      }
      unanswered += 1
      if (response && response.status < 500) throw new Error(`call refused: ${await response.text()}`)
      if (Date.now() > giveUpAt) throw new Error(`the API took no call for ${patienceMs / 1000} s`)
      await sleep(againMs)
    }
  }

  /** What is not answered, or is refused because it has started, stands as it is. */
  async function cancel(one: Accepted): Promise<void> {
    const response = await ask('POST', `/executions/${one.id}/cancellation`, {})
    if (response?.status === 200) one.cancelledAtMs = Date.now()
  }

  async function make(): Promise<void> {
    for (;;) {
      await until(() => next >= executions || next < allowed)
      const index = next++
      const call = calls[index]
      if (!call) return announce()
      const done = await one(call, String(index))
      accepted.push(done)
      announce()
      if (call.cancel) await cancel(done)
    }
  }

  return {
    accepted,
    unanswered: () => unanswered,
    async run() {
      await Promise.all(Array.from({ length: atOnce }, make))
    },
    async one(call, key) {
      const done = await one(call, key)
      accepted.push(done)
      return done
    },
    reached: amount => until(() => accepted.length >= amount),
    allow(amount) {
      allowed = Math.max(allowed, amount)
      announce()
    },
  }
}

export const plain = (name: FunctionName): Call => ({ name, args: [], delayMs: null, cancel: false })

function callOf(random: Random): Call {
  const chance = random.next()
  if (chance < 0.56) return plain('quick')
  if (chance < 0.66) return { ...plain('slow'), args: [random.between(200, 2_000)] }
  if (chance < 0.75) return { ...plain('flaky'), args: [random.between(1, 3)] }
  if (chance < 0.77) return plain('doomed')
  if (chance < 0.82) return plain('oneByOne')
  if (chance < 0.88) return plain('threeAtOnce')
  if (chance < 0.96) return { ...plain('delayed'), delayMs: random.between(500, 20_000) }
  return { ...plain('cancelled'), delayMs: random.between(500, 20_000), cancel: true }
}
