// The one Slack client of this process, and what its errors mean. It does not wait out rate limits: the report's job is
// tried again later, and nothing is blocked meanwhile.
import { type Logger, LogLevel, WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { Postponed } from '../events/reporter.ts'

export type SlackClient = Pick<WebClient, 'chat' | 'conversations'>

export function createSlack({ token, apiUrl }: NonNullable<Config['slack']>): SlackClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: 20_000,
    logger: silent,
  })
}

/** It would print whole messages; errors reach whoever called. */
const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
}

/** Slack's own word for what went wrong; null: it did not come to an answer. */
export function slackErrorOf(error: unknown): string | null {
  return error instanceof WebAPIPlatformError ? error.data.error : null
}

const passing = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
])

const remedies: Record<string, string> = {
  channel_not_found:
    'check the channel’s name in .github/sluice.yml or SLACK_CHANNEL, and invite the bot to it',
  not_in_channel: 'invite the bot to the channel',
  is_archived: 'name another channel in .github/sluice.yml or SLACK_CHANNEL',
  invalid_auth: 'check SLACK_BOT_TOKEN',
  token_revoked: 'install the Slack app again and set its new SLACK_BOT_TOKEN',
  account_inactive: 'install the Slack app again and set its new SLACK_BOT_TOKEN',
  missing_scope: 'give the Slack app the scope chat:write (and chat:write.public for channels it is not in)',
}

/** The error to throw on: final where only a person can mend it; later where Slack said when; else as it is, to be tried again. */
export function explainSlack(error: unknown, channel: string): unknown {
  if (error instanceof WebAPIRateLimitedError) return new Postponed(error.retryAfter * 1_000)
  const said = slackErrorOf(error)
  if (said === null || passing.has(said)) return error
  const remedy = remedies[said] ?? 'see the error’s name in Slack’s documentation'
  return new AppError('misconfigured', `Slack refused the message to ${channel} (${said}): ${remedy}.`, {
    error: said,
  })
}
