// The HTTP server: the plugins that app.ts hands in, health, and one answer to every error. An error of ours goes out as
// { error, message, details }; a database that is out of reach as `unavailable`; anything else as `internal`, its cause only in
// the log.
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { isOutage } from './db/outage.ts'
import { AppError, messageOf } from './errors.ts'
import type { Log } from './log.ts'

export interface Web {
  /** Where it listens; the port is the one it got. */
  listen(host: string, port: number): Promise<string>
  close(): Promise<void>
}

const headersTimeoutMs = 30_000
const requestTimeoutMs = 60_000

/** `ready` resolves when the database answers; it rejects with the reason it does not. */
export async function createWeb(
  plugins: FastifyPluginAsync[],
  ready: () => Promise<void>,
  log: Log,
): Promise<Web> {
  const web = Fastify({
    logger: false,
    requestTimeout: requestTimeoutMs,
    bodyLimit: 10 * 1024 * 1024,
    forceCloseConnections: true,
    // A key named __proto__ or constructor.prototype is refused, not silently dropped (RELIABILITY.md B09).
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  })
  web.server.headersTimeout = headersTimeoutMs
  answerErrors(web, log)
  health(web, ready)
  for (const plugin of plugins) await web.register(plugin)
  return {
    async listen(host, port) {
      await web.listen({ host, port })
      const address = web.server.address()
      const actual = typeof address === 'object' && address ? address.port : port
      return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`
    },
    close: () => web.close(),
  }
}

function answerErrors(web: FastifyInstance, log: Log): void {
  web.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: 'not_found',
      message: `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`,
    }),
  )
  web.setErrorHandler((error, request, reply) => {
    if (error instanceof AppError) {
      return reply
        .code(error.status)
        .send({ error: error.code, message: error.message, details: error.details })
    }
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status < 500) return reply.code(status).send({ error: codeOf(status), message: messageOf(error) })
    const about = { error, method: request.method, route: request.routeOptions.url }
    if (isOutage(error)) {
      log.warn(about, `request failed, the same again may work: ${messageOf(error)}`)
      return reply.code(503).send({ error: 'unavailable', message: unavailable })
    }
    log.error(about, 'request failed')
    return reply
      .code(500)
      .send({ error: 'internal', message: 'Something went wrong here; the log says what.' })
  })
}

const unavailable =
  'The database or the storage is out of reach at the moment. Try again; with an Idempotency-Key a call that was accepted is not accepted twice.'

function codeOf(status: number): string {
  if (status === 413) return 'too_large'
  if (status === 415) return 'unsupported_media_type'
  if (status === 429) return 'rate_limited'
  return status === 404 ? 'not_found' : 'malformed'
}

function health(web: FastifyInstance, ready: () => Promise<void>): void {
  web.get('/healthz', async () => ({ status: 'ok' }))
  web.get('/readyz', async (_request, reply) => {
    try {
      await ready()
      return { status: 'ready' }
    } catch (error) {
      return reply.code(503).send({ error: 'unavailable', message: messageOf(error) })
    }
  })
}
