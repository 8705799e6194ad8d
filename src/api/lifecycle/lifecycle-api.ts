// The lifecycle API as a Fastify plugin under /api: every request is authenticated and its role looked at before its body is
// read; shapes are zod, and the OpenAPI document is made of the same ones. Errors are thrown as AppError and answered by web.ts.
import swagger from '@fastify/swagger'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import type { ArtifactStore } from '../../builds/ports.ts'
import { AppError } from '../../errors.ts'
import { askedVia, type Core } from '../../events/outbox.ts'
import type { ExecutionCore } from '../../executions/payloads.ts'
import { createWake, type Wake } from '../../executions/wake.ts'
import type { Log } from '../../log.ts'
import { buildRoutes } from '../builds/build-routes.ts'
import { environmentRoutes } from '../environments/environment-routes.ts'
import { executionRoutes } from '../executions/execution-routes.ts'
import { insightRoutes } from '../invoke/insight-routes.ts'
import { invokeRoutes } from '../invoke/invoke-routes.ts'
import { keyRoutes } from '../keys/key-routes.ts'
import type { ApiKey } from '../keys/keys-store.ts'
import { oidcRoutes } from '../oidc/oidc-routes.ts'
import type { Issuer } from '../oidc/verify-token.ts'
import { repositoryTokenRoutes } from '../repository-tokens/routes.ts'
import { signingRoutes } from '../signing/signing-routes.ts'
import { tokenRoutes } from '../tokens/token-routes.ts'
import { deployRoutes } from '../uploads/deploy-routes.ts'
import { variableRoutes } from '../variables/variable-routes.ts'
import { authenticateKey, demandRole } from './caller.ts'
import type { LifecycleContext } from './context.ts'
import { deletionRoutes } from './deletion-routes.ts'
import { functionRoutes } from './function-routes.ts'
import { holdingRoutes } from './holding-routes.ts'

const description = `What pushes and comments do, by program. Send a key as \`Authorization: Bearer slk_…\`; one for a whole
repository names the environment with \`?environment=\` or the header \`X-Environment\`.`

export interface LifecycleApiOptions {
  core: ExecutionCore
  masterKey: string
  /** Whose tokens workflows exchange for keys. */
  oidc: Issuer
  artifacts: ArtifactStore
  log: Log
  /** To the worker of this process, if it has one. */
  ring?: Wake
}

const routesOf = [
  ...[functionRoutes, deletionRoutes, holdingRoutes, executionRoutes],
  ...[buildRoutes, environmentRoutes, tokenRoutes, keyRoutes, variableRoutes],
  ...[deployRoutes, invokeRoutes, insightRoutes, repositoryTokenRoutes, signingRoutes],
]

export function lifecycleApi({ core, oidc, log, ring, ...rest }: LifecycleApiOptions): FastifyPluginAsync {
  return async web => {
    await web.register(
      async api => {
        await api.register(swagger, {
          openapi: {
            openapi: '3.1.0',
            info: { title: 'Sluice', version: '1', description },
            servers: [{ url: '/' }],
            components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
            security: [{ key: [] }],
          },
          transform: jsonSchemaTransform,
          transformObject: jsonSchemaTransformObject,
        })
        api.setValidatorCompiler(validatorCompiler)
        api.setSerializerCompiler(serializerCompiler)
        api.get('/openapi.json', { schema: { hide: true } }, async () => api.swagger())
        await api.register(oidcRoutes(core.pool, oidc))
        await api.register(async closed => {
          const keyOf = demandKeys(closed, core)
          const context: LifecycleContext = {
            core: askedVia(core, 'api'),
            ...{ ...rest, keyOf, wake: createWake(core.db, log, ring) },
          }
          for (const routes of routesOf) await closed.register(routes(context))
        })
      },
      { prefix: '/api' },
    )
  }
}

/** Every route of this scope needs a key, and says which role: one that says none is refused when the program starts. */
function demandKeys(closed: Parameters<FastifyPluginAsync>[0], core: Core): LifecycleContext['keyOf'] {
  const keys = new WeakMap<FastifyRequest, ApiKey>()
  closed.addHook('onRoute', route => {
    if (!route.config?.role) throw new Error(`the route ${route.url} says no role`)
  })
  closed.addHook('onRequest', async request => {
    const key = await authenticateKey(core.db, request)
    demandRole(key, request.routeOptions.config.role ?? 'admin')
    keys.set(request, key)
  })
  return request => {
    const key = keys.get(request)
    if (!key) throw new AppError('unauthorized', 'The request was not authenticated.')
    return key
  }
}
