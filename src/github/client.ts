// The one Probot of this process: authenticates as the App, hands out clients for installations, feeds stored deliveries to
// the handlers. It serves no HTTP (intake.ts does). Probot would not retry after a secondary rate limit and would log whole
// payloads; here retries are bounded and its log is silent: what fails is thrown to whoever asked.
import { pino } from 'pino'
import { Probot, ProbotOctokit } from 'probot'
import type { GithubApp } from '../config.ts'
import type { Log } from '../log.ts'

export type Octokit = ProbotOctokit

export interface Github {
  appId: number
  probot: Probot
  /** A client that acts as this installation; its token is made when first needed and kept for 59 minutes. */
  octokitFor(installationId: number): Promise<Octokit>
  /** A client that acts as the App itself. */
  asApp(): Promise<Octokit>
}

interface Settings {
  app: GithubApp
  apiUrl: string
  throttle: boolean
  log: Log
}

// A request that has to wait longer than this is better given back: its job is tried again later, and nothing is blocked.
const maxWaitSeconds = 60
const maxRetries = 2

export function createGithub({ app, apiUrl, throttle, log }: Settings): Github {
  const limits = throttle ? { throttle: throttling(log) } : unthrottled
  const probot = new Probot({
    appId: app.appId,
    privateKey: app.privateKey,
    secret: app.webhookSecret,
    baseUrl: apiUrl,
    Octokit: ProbotOctokit.defaults((options: { throttle?: object }) => ({
      ...options,
      ...limits,
      throttle: { ...options.throttle, ...limits.throttle },
    })),
    log: pino({ level: 'silent' }),
  })
  return {
    appId: app.appId,
    probot,
    octokitFor: installationId => probot.auth(installationId),
    asApp: () => probot.auth(),
  }
}

/** For the sandbox, which has no limits: otherwise comments would come three seconds apart. */
const unthrottled = { throttle: { enabled: false }, retry: { enabled: false } }

function throttling(log: Log) {
  const retry =
    (limit: string) =>
    (seconds: number, request: { method: string; url: string }, _octokit: unknown, retries: number) => {
      const again = retries < maxRetries && seconds <= maxWaitSeconds
      const then = again ? `retrying after ${seconds} s` : 'giving it back to its job'
      log.warn(`GitHub's ${limit} limit was reached by ${request.method} ${request.url}: ${then}`)
      return again
    }
  return { enabled: true, onRateLimit: retry('primary'), onSecondaryRateLimit: retry('secondary') }
}
