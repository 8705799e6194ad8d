// Sends a page, compressed where the browser takes that.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Html } from './html/html.ts'

const compress = promisify(gzip)

export async function show(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Html,
  status = 200,
): Promise<FastifyReply> {
  reply.code(status).type('text/html; charset=utf-8').header('vary', 'accept-encoding')
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(page.text)
  return reply.header('content-encoding', 'gzip').send(await compress(page.text, { level: 6 }))
}
