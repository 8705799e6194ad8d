// What lives: a Service is started in order and stopped in reverse by app.ts. `every` is the only timer loop we have:
// rounds never overlap, an error is logged and the next round tries again, and stopping waits for the round under way.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from './errors.ts'
import type { Log } from './log.ts'

export interface Service {
  name: string
  start(): Promise<void>
  /** Resolves when nothing of it runs any more. After `deadline` it gives up waiting and ends what is left. */
  stop(deadline: Date): Promise<void>
}

export function every(
  name: string,
  intervalMs: number,
  log: Log,
  round: (signal: AbortSignal) => Promise<void>,
): Service {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await round(stopping.signal).catch(error => {
        if (!stopping.signal.aborted)
          log.warn({ error, service: name }, `${name} failed: ${messageOf(error)}`)
      })
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  return {
    name,
    async start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }
}

/** Starts in order; when one fails, those already started are stopped again before the error goes on. */
export async function startAll(services: readonly Service[]): Promise<void> {
  const started: Service[] = []
  for (const service of services) {
    try {
      await service.start()
      started.push(service)
    } catch (error) {
      await stopAll(started, new Date(Date.now() + 5_000))
      throw error
    }
  }
}

export async function stopAll(services: readonly Service[], deadline: Date): Promise<void> {
  for (const service of services.toReversed()) await service.stop(deadline)
}
