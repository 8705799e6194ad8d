// GET /schema/sluice.schema.json: what editors check .github/sluice.yml with, as this installation understands it.
import type { FastifyPluginAsync } from 'fastify'
import { jsonSchemaText } from '../environments/json-schema.ts'

export const publishedSchema: FastifyPluginAsync = async server => {
  const schema = jsonSchemaText()
  server.get('/schema/sluice.schema.json', (_request, reply) =>
    reply.header('access-control-allow-origin', '*').type('application/schema+json').send(schema),
  )
}
