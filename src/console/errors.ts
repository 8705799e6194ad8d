// What went wrong, as a page. Whoever is not signed in is taken to where one signs in, and from there back.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isOutage } from '../db/outage.ts'
import { AppError, messageOf } from '../errors.ts'
import { type Console, root } from './context.ts'
import { html } from './html/html.ts'
import { bare } from './html/layout.ts'
import { sentences } from './html/markdown.ts'
import { show } from './show.ts'

const titles: Record<number, string> = {
  400: 'That was not understood',
  403: 'That is not yours to do',
  404: 'There is nothing here',
  409: 'That does not go now',
  413: 'That is too much',
  429: 'Too often',
  503: 'Out of reach',
}

export function answerErrors(web: FastifyInstance, { log }: Console): void {
  const tell = (request: FastifyRequest, reply: FastifyReply, status: number, message: string) =>
    show(
      request,
      reply,
      bare(
        titles[status] ?? 'Something went wrong',
        html`<h1>${titles[status] ?? 'Something went wrong'}</h1><p>${sentences(message)}</p><p><a href="${root}">To the repositories</a></p>`,
      ),
      status,
    )
  web.get(`${root}/*`, { config: { console: 'anybody' } }, (request, reply) =>
    tell(request, reply, 404, `There is no page at ${request.url.slice(0, 200)}.`),
  )
  web.setErrorHandler((error, request, reply) => {
    if (error instanceof AppError && error.code === 'unauthorized') {
      const next = request.method === 'GET' ? `?next=${encodeURIComponent(request.url)}` : ''
      return reply.redirect(`${root}/login${next}`, 303)
    }
    if (error instanceof AppError && error.status < 500)
      return tell(request, reply, error.status, error.message)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status < 500) return tell(request, reply, status, messageOf(error))
    const about = { error, method: request.method, route: request.routeOptions.url }
    if (isOutage(error) || (error instanceof AppError && error.code === 'unavailable')) {
      log.warn(about, `console: ${messageOf(error)}`)
      const words = error instanceof AppError ? error.message : 'The database is out of reach at the moment.'
      return tell(request, reply, 503, words)
    }
    log.error(about, `console: ${messageOf(error)}`)
    const words = error instanceof AppError ? error.message : 'Something went wrong here; the log says what.'
    return tell(request, reply, 500, words)
  })
}
