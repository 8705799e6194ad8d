// POST /api/github/webhooks: verify, store, answer. Nothing is done here: the delivery and its job are one transaction, the
// work comes after the answer, in whichever process (deliveries.ts). What cannot be stored is answered 503, so that GitHub
// shows a failure and can deliver it again. Events nobody listens to are answered 202 and leave no trace.
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { AppError, messageOf } from '../../errors.ts'
import type { Core } from '../../events/outbox.ts'
import type { Log } from '../../log.ts'
import { parseDelivery } from './delivery.ts'
import { storeDelivery } from './store-delivery.ts'
import { isSignature, verifySignature } from './verify.ts'
import { isHeard } from './webhooks.ts'

interface Deps {
  core: Core
  /** Null: no GitHub App is configured yet. */
  secret: string | null
  log: Log
}

export const webhookPath = '/api/github/webhooks'
/** GitHub sends no more than this. */
const maxBodyBytes = 25 * 1024 * 1024

export function githubIntake({ core, secret, log }: Deps): FastifyPluginAsync {
  return async server => {
    readRawBodies(server)
    server.setErrorHandler((error, _request, reply) => {
      const known = toAppError(error)
      if (known.status >= 500) log.error({ error }, `webhook: ${known.message}`)
      return reply.code(known.status).send({ code: known.code, message: known.message })
    })
    server.post(
      webhookPath,
      { bodyLimit: maxBodyBytes, onRequest: async request => refuseByHeaders(request, secret) },
      async (request, reply) => {
        const body = verified(request, secret)
        const delivery = parseDelivery(request.headers, body)
        if (isHeard(delivery.event, delivery.action)) await store(core, delivery)
        return reply.code(202).send({ delivery: delivery.id })
      },
    )
  }
}

function readRawBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

/** What can be refused before a byte of the body is read. */
function refuseByHeaders({ headers }: FastifyRequest, secret: string | null): void {
  if (secret === null) {
    throw new AppError(
      'unavailable',
      'This Sluice has no GitHub App yet. Set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET and start it again; then redeliver from the App’s settings.',
    )
  }
  if (Number(headers['content-length']) > maxBodyBytes) throw tooLarge()
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' || headers['content-encoding']) {
    throw new AppError(
      'unsupported_media_type',
      'The payload must be plain JSON: in the GitHub App’s settings choose the content type application/json.',
    )
  }
  if (!isSignature(signatureOf(headers))) throw badSignature()
}

function verified({ body, headers }: FastifyRequest, secret: string | null): Buffer {
  if (secret === null || !Buffer.isBuffer(body) || !verifySignature(secret, body, signatureOf(headers))) {
    throw badSignature()
  }
  return body
}

function signatureOf(headers: FastifyRequest['headers']): string | undefined {
  const header = headers['x-hub-signature-256']
  return typeof header === 'string' ? header : undefined
}

async function store(core: Core, delivery: ReturnType<typeof parseDelivery>): Promise<void> {
  try {
    await storeDelivery(core, delivery)
  } catch (error) {
    const said = `Delivery ${delivery.id} could not be stored: ${messageOf(error).slice(0, 300)}.`
    throw new AppError('unavailable', `${said} Redeliver it from the App’s settings.`)
  }
}

function badSignature(): AppError {
  return new AppError(
    'unauthorized',
    'X-Hub-Signature-256 is missing or wrong. The webhook secret in the GitHub App’s settings must be the WEBHOOK_SECRET of this Sluice.',
  )
}

function tooLarge(): AppError {
  return new AppError('too_large', `The payload is larger than ${maxBodyBytes} bytes, the most GitHub sends.`)
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 413) return tooLarge()
  if (typeof status === 'number' && status < 500) return new AppError('malformed', messageOf(error))
  return new AppError('internal', 'The delivery could not be taken. Redeliver it from the App’s settings.')
}
