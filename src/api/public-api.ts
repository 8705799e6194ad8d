// The public Defer protocol as a Fastify plugin: every request is authenticated before its body is read; bodies are JSON and
// nothing else. Errors are thrown as AppError and answered by web.ts.
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { type AcceptTogether, createAcceptTogether } from '../executions/accepting/accept-together.ts'
import type { ExecutionCore } from '../executions/payloads.ts'
import type { ExecutionKey } from '../executions/store.ts'
import { createWake, type Wake } from '../executions/wake.ts'
import type { Log } from '../log.ts'
import { createAuthenticate } from './auth.ts'
import { parseJsonBody } from './json-body.ts'
import { protocolV1 } from './protocol-v1.ts'
import { protocolV2 } from './protocol-v2.ts'

export interface PublicApiOptions {
  core: ExecutionCore
  masterKey: string
  log: Log
  /** To the worker of this process, if it has one. */
  ring?: Wake
}

export interface ApiContext {
  core: ExecutionCore
  together: AcceptTogether
  masterKey: string
  wake: Wake
  environmentOf(request: FastifyRequest): string
  /** @throws AppError `not_found` when the id in the path can be none of ours. */
  keyOf(request: FastifyRequest): ExecutionKey
}

const bodyLimit = 10 * 1024 * 1024
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function publicApi({ core, masterKey, log, ring }: PublicApiOptions): FastifyPluginAsync {
  return async web => {
    const callers = new WeakMap<FastifyRequest, string>()
    const authenticate = createAuthenticate(core.db, masterKey)
    web.addHook('onRequest', async request => {
      callers.set(request, await authenticate(request))
    })
    web.removeAllContentTypeParsers()
    web.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer', bodyLimit },
      async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
    )
    const environmentOf = (request: FastifyRequest): string => {
      const environmentId = callers.get(request)
      if (!environmentId) throw new AppError('unauthorized', 'The request was not authenticated.')
      return environmentId
    }
    const context: ApiContext = {
      core,
      together: createAcceptTogether(core),
      masterKey,
      wake: createWake(core.db, log, ring),
      environmentOf,
      keyOf: request => ({ environmentId: environmentOf(request), id: idOf(request) }),
    }
    await web.register(async inner => protocolV2(inner, context), { prefix: '/public/v2' })
    await web.register(async inner => protocolV1(inner, context), { prefix: '/public/v1' })
  }
}

function idOf(request: FastifyRequest): string {
  const { params } = request
  const id = typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : ''
  if (uuid.test(id)) return id.toLowerCase()
  throw new AppError('not_found', `There is no execution "${id.slice(0, 100)}".`)
}
