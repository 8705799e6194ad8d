// The console as a Fastify plugin under /console: who is signed in, what they may see, pages made here and nothing else. Every page says
// by a policy that no script and no style but ours is to be run, and that nobody may frame it.
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { askedVia } from '../events/outbox.ts'
import { accessRoutes } from './access/routes.ts'
import { actionRoutes } from './actions/routes.ts'
import { activityRoutes } from './activity/routes.ts'
import { assetRoutes } from './assets/routes.ts'
import { buildRoutes } from './builds/routes.ts'
import type { Console } from './context.ts'
import { answerErrors } from './errors.ts'
import { executionRoutes } from './executions/routes.ts'
import { functionRoutes } from './function/routes.ts'
import { guard } from './guard.ts'
import { insightRoutes } from './insights/routes.ts'
import { liveRoutes } from './live/routes.ts'
import { repositoryRoutes } from './repositories/routes.ts'
import { createCookies } from './session/cookies.ts'
import { type AskGithub, createRights } from './session/rights.ts'
import { sessionRoutes } from './session/sessions.ts'

export type ConsoleDeps = Omit<Console, 'cookies' | 'rights'> & { github: AskGithub }

const bodyLimit = 1024 * 1024

export function consolePages({ github, ...deps }: ConsoleDeps): FastifyPluginAsync {
  const console: Console = {
    ...deps,
    core: askedVia(deps.core, 'console'),
    cookies: createCookies(deps.url),
    rights: createRights(github, deps.log),
  }
  return async server => {
    await server.register(async web => {
      readForms(web)
      protect(web, console)
      const pages = { console, visits: guard(web, console) }
      answerErrors(web, console)
      for (const routes of [
        sessionRoutes,
        repositoryRoutes,
        insightRoutes,
        functionRoutes,
        executionRoutes,
        buildRoutes,
        activityRoutes,
        accessRoutes,
        actionRoutes,
        liveRoutes,
      ])
        routes(web, pages)
      assetRoutes(web)
    })
  }
}

function readForms(web: FastifyInstance): void {
  web.removeAllContentTypeParsers()
  web.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  )
}

function protect(web: FastifyInstance, { githubUrl, url }: Console): void {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action 'self' ${new URL(githubUrl).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  web.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      ...(url().startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    })
  })
}
