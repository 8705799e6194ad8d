// Works off stored deliveries: each is fed to Probot's handlers, once it succeeds it is never fed again. What fails is tried
// again by its job, and after that by the sweep, which also finds those whose job was lost with a process.
import { AppError, isFinal, messageOf } from '../../errors.ts'
import type { Core } from '../../events/outbox.ts'
import type { Log } from '../../log.ts'
import { every, type Service } from '../../service.ts'
import { deliveriesLeftBehind, findDelivery, markDeliveryFailed, markProcessed } from '../store.ts'

export interface Received {
  id: string
  name: string
  payload: unknown
}

interface Deps {
  core: Pick<Core, 'db' | 'jobs'>
  /** Runs the handlers of an event, and throws what they threw. */
  receive(event: Received): Promise<void>
  log: Log
  sweepMs?: number
}

const concurrency = 4
const sweepBatch = 200

export function createDeliveries(deps: Deps): Service {
  const { core, log, sweepMs = 60_000 } = deps
  const sweeper = every('delivery sweep', sweepMs, log, async () => {
    for (const id of await deliveriesLeftBehind(core.db, sweepBatch)) {
      await core.jobs.send(core.db, 'delivery', { id })
    }
  })
  return {
    name: 'deliveries',
    async start() {
      await core.jobs.work('delivery', concurrency, ({ id }) => processDelivery(deps, id))
      await sweeper.start()
    },
    stop: deadline => sweeper.stop(deadline),
  }
}

export async function processDelivery({ core, receive, log }: Deps, id: string): Promise<void> {
  const delivery = await findDelivery(core.db, id)
  if (!delivery || delivery.processedAt) return
  try {
    await receive({ id, name: delivery.event, payload: JSON.parse(delivery.payload) })
  } catch (error) {
    const causes: unknown[] = error instanceof AggregateError ? error.errors : [error]
    const message = causes.map(messageOf).join('; ').slice(0, 1_000)
    if (!causes.every(isFinal)) {
      await markDeliveryFailed(core.db, id, message)
      throw withoutPayload(message, causes[0])
    }
    log.warn({ delivery: id, event: delivery.event }, `delivery ${id} came to nothing: ${message}`)
    return markProcessed(core.db, id, message)
  }
  await markProcessed(core.db, id, null)
}

/**
 * Probot hangs the whole event on an error, and a failed query repeats its parameters: whoever logs the error would log that
 * too. What goes on is the reason and where it happened.
 */
function withoutPayload(message: string, cause: unknown): AppError {
  const error = new AppError('unavailable', message)
  const frames = cause instanceof Error ? cause.stack?.match(/^\s+at .*$/gm)?.join('\n') : undefined
  if (frames) error.stack = `AppError: ${message}\n${frames}`
  return error
}
