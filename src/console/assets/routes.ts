// Serves the style, the script and the icon.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { assets } from './addresses.ts'

const compress = promisify(gzip)

export function assetRoutes(web: FastifyInstance): void {
  for (const { path, type, content } of assets) {
    const packed = compress(content, { level: 9 })
    web.get(path, { config: { console: 'anybody' } }, async (request, reply) => {
      reply
        .type(type)
        .headers({ 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding' })
      if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(content)
      return reply.header('content-encoding', 'gzip').send(await packed)
    })
  }
}
