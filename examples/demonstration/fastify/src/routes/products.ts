import type { FastifyInstance } from 'fastify'
import importProducts from '../../defer/import-products.ts'

const body = {
  type: 'object',
  required: ['names'],
  properties: { names: { type: 'array', items: { type: 'string', minLength: 1 } } },
} as const

export default async function products(app: FastifyInstance) {
  app.post<{ Body: { names: string[] } }>('/imports', { schema: { body } }, async (request, reply) => {
    const { id } = await importProducts(request.body.names)
    return reply.code(202).send({ id })
  })
}
