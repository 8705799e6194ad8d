// The one route of the lifecycle API that needs no key: it gives one, for a token of GitHub Actions.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Pool } from '../../db/client.ts'
import { answers } from '../lifecycle/route.ts'
import { exchange } from './exchange.ts'
import { createTokenVerifier, type Issuer } from './verify-token.ts'

const ExchangeBody = z.strictObject({
  token: z.string().min(1).max(16_000).describe('Made by GitHub Actions with this server as its audience'),
  environment: z.string().min(1).max(100).optional().describe('Where a branch lands in several'),
})
const ExchangedBody = z.object({
  key: z.string().describe('For the header Authorization: Bearer'),
  environment: z.string(),
  role: z.literal('write'),
  expires_in: z.int().describe('Seconds'),
})

export function oidcRoutes(db: Pool, issuer: Issuer): FastifyPluginCallbackZod {
  const verify = createTokenVerifier(issuer)
  return (api, _options, done) => {
    api.post(
      '/oidc/exchange',
      {
        schema: {
          tags: ['keys'],
          summary: 'A token of GitHub Actions for a key of a quarter of an hour',
          security: [],
          body: ExchangeBody,
          response: answers(ExchangedBody),
        },
      },
      async request => {
        const { token, environment } = request.body
        const given = await exchange(db, await verify(token), environment)
        const { key, role, expiresInSeconds } = given
        return { key, role, environment: given.environment, expires_in: expiresInSeconds }
      },
    )
    done()
  }
}
