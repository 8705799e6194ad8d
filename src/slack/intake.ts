// POST /slack/interactions: who presses in Slack is a name of Slack's, and nobody's role on GitHub follows from that. Accounts
// are not linked yet, so every press is refused, to whoever pressed alone, with where it can be done. Answered at once:
// Slack waits three seconds. A repetition of Slack's is answered and does nothing.
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { linkPrefix } from './render.ts'
import { isFromSlack } from './verify.ts'

interface Deps {
  /** Null: no signing secret is set. */
  secret: string | null
  log: Log
}

export const interactionsPath = '/slack/interactions'
const maxBodyBytes = 1024 * 1024
const answerMs = 10_000

const Press = z.object({
  type: z.literal('block_actions'),
  response_url: z.url({ protocol: /^https?$/ }),
  actions: z.array(z.object({ action_id: z.string() })).default([]),
})

const refusal =
  'Nothing was changed: your Slack account is not linked to one on GitHub, so I cannot check what you may do. The buttons on the check on GitHub do the same.'

export function slackIntake({ secret, log }: Deps): FastifyPluginAsync {
  return async server => {
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    server.post(interactionsPath, { bodyLimit: maxBodyBytes }, async (request, reply) => {
      const body = verified(request, secret)
      const press = request.headers['x-slack-retry-num'] === undefined ? readPress(body) : null
      if (press && !isLink(press)) void refuse(press.response_url, log)
      return reply.code(200).send()
    })
  }
}

function verified({ body, headers }: FastifyRequest, secret: string | null): Buffer {
  if (secret === null)
    throw new AppError('unavailable', 'Set SLACK_SIGNING_SECRET to take presses from Slack.')
  const signed = {
    timestamp: one(headers['x-slack-request-timestamp']),
    signature: one(headers['x-slack-signature']),
  }
  if (!Buffer.isBuffer(body) || !isFromSlack(secret, { ...signed, body }, new Date()))
    throw new AppError(
      'unauthorized',
      'The signature is missing, wrong or too old. SLACK_SIGNING_SECRET must be that of the Slack app, and the clock right.',
    )
  return body
}

const one = (header: string | string[] | undefined) => (typeof header === 'string' ? header : undefined)

function readPress(body: Buffer): z.output<typeof Press> | null {
  try {
    return Press.parse(JSON.parse(new URLSearchParams(body.toString()).get('payload') ?? ''))
  } catch {
    return null // signed, and something else than a press: modals, shortcuts
  }
}

/** The page it opens asks who that is. */
function isLink({ actions }: z.output<typeof Press>): boolean {
  return actions.length > 0 && actions.every(one => one.action_id.startsWith(linkPrefix))
}

async function refuse(url: string, log: Log): Promise<void> {
  const said = { response_type: 'ephemeral', replace_original: false, text: refusal }
  const headers = { 'content-type': 'application/json' }
  const signal = AbortSignal.timeout(answerMs)
  await fetch(url, { method: 'POST', headers, body: JSON.stringify(said), signal }).catch(error =>
    log.info(`a refusal did not reach Slack: ${messageOf(error)}`),
  )
}
