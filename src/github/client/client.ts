// The one Probot of this process: authenticates as the App, hands out clients for installations, feeds stored deliveries to
// the handlers. It serves no HTTP (intake.ts does). Probot would not retry after a secondary rate limit and would log whole
// payloads; here retries are bounded and its log is silent: what fails is thrown to whoever asked.
import { pino } from 'pino'
import { Probot, ProbotOctokit } from 'probot'
import type { GithubApp } from '../../config.ts'
import type { Log } from '../../log.ts'
import { statusOf } from './api-error.ts'
import type { TokenCache } from './token-cache.ts'
import { isWrite, priorityOf, type WriteTurns } from './write-turns.ts'

export type Octokit = ProbotOctokit

/** What all processes share, so that together they stay within GitHub's limits. */
export interface Shared {
  tokens: TokenCache
  turns: WriteTurns
}

export interface Github {
  appId: number
  probot: Probot
  /** A client that acts as this installation; its token is made when first needed and kept for 59 minutes. */
  octokitFor(installationId: number): Promise<Octokit>
  /** A client that acts as the App itself. */
  asApp(): Promise<Octokit>
  /** For when its rights changed: a token keeps those it was made with. */
  forgetTokens(installationId: number): Promise<void>
}

interface Settings {
  app: GithubApp
  apiUrl: string
  throttle: boolean
  log: Log
  /** Null: this process is alone, with Probot's own cache and queues. */
  shared?: Shared | null
}

// A request that has to wait longer than this is better given back: its job is tried again later, and nothing is blocked.
const maxWaitSeconds = 60
const maxRetries = 2

export function createGithub({ app, apiUrl, throttle, log, shared = null }: Settings): Github {
  const limits = throttle ? { throttle: throttling(log, shared?.turns ?? null) } : unthrottled
  const probot = new Probot({
    appId: app.appId,
    privateKey: app.privateKey,
    secret: app.webhookSecret,
    baseUrl: apiUrl,
    Octokit: ProbotOctokit.defaults((options: { throttle?: object; auth?: object }) => ({
      ...options,
      ...limits,
      ...(shared ? { auth: { ...options.auth, cache: shared.tokens } } : {}),
      throttle: { ...options.throttle, ...limits.throttle },
    })),
    log: pino({ level: 'silent' }),
  })
  return {
    appId: app.appId,
    probot,
    async octokitFor(installationId) {
      const octokit = await probot.auth(installationId)
      if (shared) share(octokit, installationId, shared, throttle)
      return octokit
    },
    asApp: () => probot.auth(),
    forgetTokens: async installationId => shared?.tokens.forget(installationId),
  }
}

/** Outermost: a write holds its turn through whatever the plugins below do, retries among it. */
function share(octokit: Octokit, installationId: number, { tokens, turns }: Shared, throttle: boolean): void {
  octokit.hook.wrap('request', async (request, options) => {
    // In place: the hooks below are bound to this very object.
    options.request = { ...options.request, installationId }
    const call = async () => request(options)
    try {
      if (!throttle || !isWrite(options.method, options.url)) return await call()
      return await turns.take(installationId, priorityOf(options.url), call)
    } catch (error) {
      if (statusOf(error) === 401) await tokens.forget(installationId)
      throw error
    }
  })
}

/** For the sandbox, which has no limits: otherwise comments would come three seconds apart. */
const unthrottled = { throttle: { enabled: false }, retry: { enabled: false } }

interface Limited {
  method: string
  url: string
  request?: { installationId?: number }
}

const passed = { key: () => ({ schedule: async (_options: object, next: () => unknown) => next() }) }

function throttling(log: Log, turns: WriteTurns | null) {
  const retry =
    (limit: string) => async (seconds: number, request: Limited, _octokit: unknown, retries: number) => {
      const again = retries < maxRetries && seconds <= maxWaitSeconds
      const installationId = request.request?.installationId
      if (installationId !== undefined) await turns?.postpone(installationId, seconds)
      const then = again ? `retrying after ${seconds} s` : 'giving it back to its job'
      log.warn(`GitHub's ${limit} limit was reached by ${request.method} ${request.url}: ${then}`)
      return again
    }
  const limits = { enabled: true, onRateLimit: retry('primary'), onSecondaryRateLimit: retry('secondary') }
  // Where writes take turns with other processes they need not queue a second time.
  return turns ? { ...limits, write: passed, notifications: passed } : limits
}
