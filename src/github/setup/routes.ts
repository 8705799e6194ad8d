// The App-manifest set-up, served while no App is configured: whoever has the key from our output is taken to GitHub and
// back; then GitHub's answer is stored and `onConfigured` starts the rest. The way back is bound to the browser that left.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import { AppError } from '../../errors.ts'
import { saveApp } from './app-settings.ts'
import { convertManifest } from './conversion.ts'
import { appManifest } from './manifest.ts'
import { donePage, lockedPage, setupPage } from './page.ts'

interface Deps {
  db: Db
  masterKey: string
  githubUrl: string
  apiUrl: string
  /** How others reach us; known once we listen. */
  url: () => string
  /** Shown to the operator in our output; without it the page stays closed. */
  setupKey: string
  onConfigured: () => void
}

const cookie = 'sluice_setup'
const Query = z.object({
  key: z.string().max(200).optional(),
  organization: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/)
    .optional()
    .catch(undefined),
})
const Callback = z.object({ code: z.string().min(1).max(200), state: z.string().min(1).max(200) })

export function githubSetup(deps: Deps): FastifyPluginAsync {
  const states = new Set<string>()
  return async server => {
    server.get('/', async (request, reply) => {
      const { key, organization = null } = Query.parse(request.query)
      if (!key || !same(key, deps.setupKey)) return html(deps, reply, lockedPage())
      const state = randomBytes(16).toString('hex')
      states.add(state)
      reply.header('set-cookie', `${cookie}=${state}; HttpOnly; SameSite=Lax; Path=/setup; Max-Age=3600`)
      return html(
        deps,
        reply,
        setupPage({ githubUrl: deps.githubUrl, organization, key, manifest: appManifest(deps.url()), state }),
      )
    })
    server.get('/setup/callback', async (request, reply) => {
      const { code, state } = Callback.parse(request.query)
      if (!states.delete(state) || !same(cookieOf(request), state)) {
        throw new AppError(
          'forbidden',
          'This way back from GitHub was not begun in this browser. Start again from the set-up page.',
        )
      }
      const { app, slug } = await convertManifest(deps.apiUrl, code)
      if (!(await saveApp(deps.db, deps.masterKey, app)))
        throw new AppError('conflict', 'Sluice is set up already.')
      reply.raw.once('finish', deps.onConfigured)
      return html(deps, reply, donePage(`${deps.githubUrl}/apps/${slug}/installations/new`))
    })
  }
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function cookieOf(request: FastifyRequest): string {
  const pairs = (request.headers.cookie ?? '').split(';').map(pair => pair.trim().split('='))
  return pairs.find(([name]) => name === cookie)?.[1] ?? ''
}

function html(deps: Deps, reply: FastifyReply, page: string): FastifyReply {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${new URL(deps.githubUrl).origin}; frame-ancestors 'none'`
  return reply
    .headers({ 'content-security-policy': policy, 'cache-control': 'no-store' })
    .type('text/html')
    .send(page)
}
