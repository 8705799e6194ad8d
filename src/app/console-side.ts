// The console, where the App has an OAuth side; otherwise a page that says what is missing.
import type { FastifyPluginAsync } from 'fastify'
import type { Config, GithubApp } from '../config.ts'
import { type ConsoleDeps, consolePages } from '../console/console.ts'
import { createGithub } from '../github/client/client.ts'
import { createTokenCache } from '../github/client/token-cache.ts'
import { createWriteTurns } from '../github/client/write-turns.ts'
import { createIsInTeam, createRoleOf } from '../github/role-of.ts'

type Needs = Pick<ConsoleDeps, 'core' | 'masterKey' | 'url' | 'wake' | 'log'> & {
  config: Config
  app: GithubApp | null
}

export function consoleSide({ config, app, ...needs }: Needs): FastifyPluginAsync {
  const { url: githubUrl, apiUrl, throttle } = config.github
  if (!app?.clientId || !app.clientSecret) return withoutOAuth(app !== null)
  const { core, masterKey, log } = needs
  const shared = { tokens: createTokenCache(core.db, masterKey), turns: createWriteTurns(core.db) }
  const github = createGithub({ app, apiUrl, throttle, log, shared })
  return consolePages({
    ...needs,
    githubUrl,
    oauth: { githubUrl, apiUrl, clientId: app.clientId, clientSecret: app.clientSecret },
    github: { roleOf: createRoleOf(github), isInTeam: createIsInTeam(github) },
  })
}

function withoutOAuth(hasApp: boolean): FastifyPluginAsync {
  const words = hasApp
    ? 'The console needs the OAuth side of the GitHub App: set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, and add /console/callback to its callback URLs.'
    : 'Set up the GitHub App first: the address of the set-up page stands in the output of "sluice start".'
  return async server => {
    server.get('/console', async (_request, reply) => reply.code(503).type('text/plain').send(`${words}\n`))
  }
}
