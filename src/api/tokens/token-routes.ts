// Tokens of an environment (DEFER_TOKEN): which there are, a new one, the end of one. Whoever has one can call functions, so
// making and ending them is an admin's.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { AppError } from '../../errors.ts'
import { environmentOf } from '../lifecycle/caller.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'
import { createToken, hashOf } from '../tokens.ts'
import { NewToken, TokenBody, TokenList, TokenPath } from './shapes.ts'
import { findTokenByHash, type ListedToken, listTokens, revokeToken } from './tokens-store.ts'

const tags = ['tokens']

const tokenBody = ({ id, prefix, createdAt, lastUsedAt, revokedAt }: ListedToken) => ({
  id,
  prefix,
  created_at: createdAt.toISOString(),
  last_used_at: lastUsedAt?.toISOString() ?? null,
  revoked_at: revokedAt?.toISOString() ?? null,
})

export function tokenRoutes({ core, keyOf }: LifecycleContext): FastifyPluginCallbackZod {
  return (api, _options, done) => {
    const admin = { config: { role: 'admin' } } as const
    api.get(
      '/tokens',
      {
        config: { role: 'read' },
        schema: {
          ...{ tags, summary: 'Tokens of the environment', querystring: InEnvironment },
          response: answers(TokenList),
        },
      },
      async request => {
        const environment = await environmentOf(core.db, keyOf(request), request)
        const tokens = await listTokens(core.db, environment.id)
        return { environment: environment.name, tokens: tokens.map(tokenBody) }
      },
    )
    api.post(
      '/tokens',
      {
        ...admin,
        schema: {
          ...{ tags, summary: 'A new token, shown once', querystring: InEnvironment },
          response: { ...answers(NewToken), 201: NewToken },
        },
      },
      async (request, reply) => {
        const environment = await environmentOf(core.db, keyOf(request), request)
        const token = await createToken(core.db, environment.id)
        const stored = await findTokenByHash(core.db, hashOf(token))
        if (!stored) throw new AppError('internal', 'The new token was not found again.')
        return reply.code(201).send({ ...tokenBody(stored), token })
      },
    )
    api.delete(
      '/tokens/:id',
      {
        ...admin,
        schema: {
          ...{ tags, summary: 'Ends a token', params: TokenPath, querystring: InEnvironment },
          response: answers(TokenBody),
        },
      },
      async request => {
        const environment = await environmentOf(core.db, keyOf(request), request)
        const revoked = await revokeToken(core.db, environment.id, request.params.id)
        if (!revoked)
          throw new AppError('not_found', `${environment.name} has no token ${request.params.id}.`)
        return tokenBody(revoked)
      },
    )
    done()
  }
}
