// Webhook deliveries: queued in the order things happened, sent one after another, each recorded with its answer.
// Records live in an append-only file beside the state, because their payloads are large and never change.
import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { applies, type Faults } from '../faults.ts'
import { type DeliveryLog, openLog } from './log.ts'

export type Delivery = {
  id: number
  guid: string
  app: number
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  redelivery: boolean
  deliveredAt: string
  durationSeconds: number
  statusCode: number
  status: string
  requestHeaders: Record<string, string>
  /** The body as it was signed and sent. */
  payload: string
  responseHeaders: Record<string, string>
  responseBody: string
}

export type Target = { url: string | null; secret: string }

export type Outgoing = Pick<
  Delivery,
  'app' | 'event' | 'action' | 'installationId' | 'repositoryId' | 'payload'
> & { guid?: string; redelivery?: boolean }

export type Deliveries = {
  queue(outgoing: Outgoing): void
  /** Newest first. */
  recorded(): Delivery[]
  settled(): Promise<void>
  stop(): Promise<void>
}

type Options = {
  dir: string
  faults: Faults
  nextId(): number
  target(app: number): Target | null
  changed(): void
}

// Long enough for the events of one push to gather before a shuffle picks among them.
const shuffleMs = 50
const answerMs = 10_000

export function createDeliveries(options: Options): Deliveries {
  const log = openLog(options.dir)
  const waiting: Delivery[] = []
  const stopping = new AbortController()
  let running: Promise<void> | null = null

  const drain = async () => {
    while (waiting.length > 0) {
      const delivery = await pick(waiting, options.faults)
      if (delivery) await deliver(delivery, options, log, stopping.signal)
    }
    running = null
  }
  return {
    queue(outgoing) {
      const delivery = toDelivery(outgoing, options.nextId())
      waiting.push(delivery)
      if (applies(options.faults.duplicate, delivery, options.faults.random)) {
        waiting.push({ ...delivery, id: options.nextId() })
      }
      running ??= drain()
    },
    recorded: () => log.newestFirst(),
    async settled() {
      while (running) await running
    },
    async stop() {
      waiting.length = 0
      stopping.abort()
      await running
    },
  }
}

function toDelivery(outgoing: Outgoing, id: number): Delivery {
  return {
    id,
    redelivery: false,
    deliveredAt: '',
    durationSeconds: 0,
    statusCode: 0,
    status: 'queued',
    requestHeaders: {},
    responseHeaders: {},
    responseBody: '',
    guid: randomUUID(),
    ...outgoing,
  }
}

async function pick(waiting: Delivery[], faults: Faults): Promise<Delivery | undefined> {
  if (faults.delayMs > 0 || faults.shuffle)
    await sleep(Math.max(faults.delayMs, faults.shuffle ? shuffleMs : 0))
  const index = faults.shuffle ? Math.floor(faults.random() * waiting.length) : 0
  return waiting.splice(index, 1)[0]
}

async function deliver(
  delivery: Delivery,
  options: Options,
  log: DeliveryLog,
  stop: AbortSignal,
): Promise<void> {
  const target = options.target(delivery.app)
  const started = Date.now()
  delivery.deliveredAt = new Date(started).toISOString()
  if (!target?.url) fail(delivery, 'no webhook URL')
  else if (applies(options.faults.drop, delivery, options.faults.random))
    fail(delivery, 'dropped by the sandbox')
  else await send(delivery, target.url, target.secret, stop)
  delivery.durationSeconds = Math.round((Date.now() - started) / 10) / 100
  log.append(delivery)
  options.changed()
}

function fail(delivery: Delivery, status: string): void {
  delivery.statusCode = 502
  delivery.status = status
}

async function send(delivery: Delivery, url: string, secret: string, stop: AbortSignal): Promise<void> {
  const signature = createHmac('sha256', secret).update(delivery.payload).digest('hex')
  delivery.requestHeaders = {
    Accept: '*/*',
    'Content-Type': 'application/json',
    'User-Agent': 'GitHub-Hookshot/sandbox',
    'X-GitHub-Delivery': delivery.guid,
    'X-GitHub-Event': delivery.event,
    'X-GitHub-Hook-ID': String(delivery.app),
    'X-GitHub-Hook-Installation-Target-ID': String(delivery.app),
    'X-GitHub-Hook-Installation-Target-Type': 'integration',
    'X-Hub-Signature-256': `sha256=${signature}`,
  }
  try {
    await post(delivery, url, stop)
  } catch (error) {
    fail(delivery, reason(error))
  }
}

async function post(delivery: Delivery, url: string, stop: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: delivery.requestHeaders,
    body: delivery.payload,
    redirect: 'manual',
    signal: AbortSignal.any([stop, AbortSignal.timeout(answerMs)]),
  })
  delivery.responseBody = (await response.text()).slice(0, 4000)
  delivery.responseHeaders = Object.fromEntries(response.headers)
  delivery.statusCode = response.status
  delivery.status = response.ok ? 'OK' : response.statusText || 'Invalid HTTP Response'
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'TimeoutError') return 'timed out'
  const cause =
    error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.message
  return `failed to connect to host (${cause})`
}
