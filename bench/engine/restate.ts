// Restate, where somebody has installed it beside us (README.md): its server as a process with its own store, its SDK serving the
// function in this process. What is handed in goes over HTTP, as its documentation has it. It has no batches, and nobody can be kept
// from starting what was handed in: the function itself waits while nobody is to work, with as many calls as Restate begins at once.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from './contender.ts'
import { createWaiting } from './waiting.ts'

interface Sdk {
  service(definition: { name: string; handlers: Record<string, Handler> }): unknown
  endpoint(): Endpoint
}
type Handler = (context: unknown, call: number) => Promise<void>
interface Endpoint {
  bind(service: unknown): Endpoint
  setLogger(logger: () => void): Endpoint
  listen(port: number): Promise<number>
}

const sdkName = '@restatedev/restate-sdk'
const serverName = `@restatedev/restate-server-${os.platform()}-${os.arch()}/package.json`
const atOnce = 100

/** Null: it is not installed. */
export async function createRestate(folder: string): Promise<Contender | null> {
  const [sdk, server] = [await findSdk(), findServer()]
  if (!sdk || !server) return null
  const waiting = createWaiting()
  let working = Promise.withResolvers<void>()
  let [sent, begun] = [0, 0]
  const handler: Handler = async (_context, call) => {
    await working.promise
    begun += 1
    waiting.begin(call)
  }
  const [own, admin, ingress, node] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const service = sdk.service({ name: 'noop', handlers: { run: handler } })
  await sdk
    .endpoint()
    .bind(service)
    .setLogger(() => {})
    .listen(own)
  const child = spawn(server, ['--base-dir', path.join(folder, 'restate')], {
    env: {
      ...process.env,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_LOG_FILTER: 'error',
      DO_NOT_TRACK: '1',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  await untilHealthy(`http://127.0.0.1:${admin}/health`)
  await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${own}` })
  const send = async (call: number) => {
    sent += 1
    await post(`http://127.0.0.1:${ingress}/noop/run/send`, call)
  }
  return {
    name: 'restate',
    enqueue: () => send(0),
    enqueueAll: null,
    async startLatencyMs() {
      const { call, began } = waiting.expect()
      const from = performance.now()
      await send(call)
      return (await began) - from
    },
    async fill(amount) {
      working = Promise.withResolvers()
      for (let left = amount; left > 0; left -= atOnce)
        await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => send(0)))
      working.resolve()
    },
    async isIdle() {
      if (begun < sent) return false
      const query = "select count(*) as waiting from sys_invocation where status <> 'completed'"
      const answer = await post(`http://127.0.0.1:${admin}/query`, { query })
      return /"waiting":\s*0\b/.test(answer)
    },
    async startWorking() {
      working.resolve()
    },
    async stopWorking() {
      working = Promise.withResolvers()
    },
    async close() {
      child.kill()
      await ended
    },
  }
}

async function findSdk(): Promise<Sdk | null> {
  try {
    return await import(sdkName)
  } catch {
    return null
  }
}

function findServer(): string | null {
  try {
    const found = createRequire(import.meta.url).resolve(serverName)
    return path.join(path.dirname(found), 'bin', 'restate-server')
  } catch {
    return null
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const lookMs = 50

async function untilHealthy(url: string): Promise<void> {
  while (!(await fetch(url).catch(() => null))?.ok) await sleep(lookMs)
}

async function post(url: string, body: unknown): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return text
}
