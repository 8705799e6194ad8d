// Another builder of the operator's (SLUICE_BUILDERS): the program of another checkout, as a process with the role builder and
// its own channel, over our database and data folder. It ends with us, and when it ends by itself it is started again.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findLeash } from '../isolation/leash.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'

export interface OtherBuilder {
  channel: string
  checkout: string
}

interface Waits {
  firstMs: number
  longestMs: number
  /** One that ran this long had started well: the next wait is the first one again. */
  healthyMs: number
}
const defaultWaits: Waits = { firstMs: 1_000, longestMs: 60_000, healthyMs: 60_000 }

export function createOtherBuilder(
  { channel, checkout }: OtherBuilder,
  log: Log,
  waits: Waits = defaultWaits,
): Service {
  const name = `builder ${channel}`
  const stopping = new AbortController()
  const running: { child: ChildProcess | null } = { child: null }
  let loop: Promise<void> = Promise.resolve()

  async function keepRunning(leash: readonly string[]): Promise<void> {
    let waitMs = waits.firstMs
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      running.child = start(leash, checkout, channel)
      log.info({ pid: running.child.pid, checkout }, `${name} started`)
      const how = await endOf(running.child)
      running.child = null
      if (stopping.signal.aborted) return
      if (performance.now() - startedAt >= waits.healthyMs) waitMs = waits.firstMs
      log.warn({ checkout }, `${name} ended (${how}): started again in ${Math.ceil(waitMs / 1_000)} s`)
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
      waitMs = Math.min(waitMs * 2, waits.longestMs)
    }
  }

  return {
    name,
    async start() {
      loop = keepRunning(await findLeash())
    },
    async stop(deadline) {
      stopping.abort()
      running.child?.kill('SIGTERM')
      const limit = setTimeout(
        () => running.child?.kill('SIGKILL'),
        Math.max(0, deadline.getTime() - Date.now()),
      )
      await loop
      clearTimeout(limit)
    },
  }
}

/** It inherits our environment, and with it our settings: it is the operator's own program. */
function start(leash: readonly string[], checkout: string, channel: string): ChildProcess {
  const program = path.join(checkout, 'bin/sluice.js')
  const command = [...leash, process.execPath, program, 'start', '--roles', 'builder', '--channel', channel]
  const [file = process.execPath, ...args] = command
  return spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
  })
}
