// A person presses a button: Slack sends the app a signed form, and gives it an address to answer to.
import { createHmac } from 'node:crypto'
import { HttpError, json, need, type Reply } from '../http/reply.ts'
import { type Button, buttonsOf } from './blocks.ts'
import { type Arguments, deleteMessage, postMessage, refuse, replaceContent } from './messages.ts'
import type { Channel, Message, User } from './state.ts'
import {
  appId,
  channelOf,
  formatMessage,
  messageAt,
  newKey,
  nextTs,
  teamId,
  userOf,
  type Workspace,
} from './workspace.ts'

export type Press = {
  channel: string
  ts: string
  actionId: string
  /** A name or an id; the first user when left out. */
  user?: string
  /** A clock that is wrong by this much, for tests of the signature check. */
  skewSeconds?: number
  /** Sign with this instead of the real secret. */
  secret?: string
  /** What Slack adds when it tries again. */
  retry?: { number: number; reason: string }
}

// Slack shows an error when the app takes longer.
const answerMs = 3000

/** Resolves to the status the app answered with; 0 when there was no answer. */
export async function press(workspace: Workspace, wanted: Press): Promise<number> {
  const channel = need(channelOf(workspace, wanted.channel), 404, `No channel ${wanted.channel}`)
  const message = need(messageAt(workspace, channel.id, wanted.ts), 404, `No message ${wanted.ts}`)
  const button = need(
    buttonsOf(message.blocks).find(candidate => candidate.actionId === wanted.actionId),
    404,
    `No button ${wanted.actionId}`,
  )
  const user = wanted.user === undefined ? workspace.state.users[0] : userOf(workspace, wanted.user)
  if (!user) throw new HttpError(404, `No user ${wanted.user}`)
  if (!workspace.interactivityUrl) return 0
  const payload = toPayload(workspace, channel, message, button, user)
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  return send(workspace.interactivityUrl, body, signed(workspace, wanted, body))
}

function signed(workspace: Workspace, wanted: Press, body: string): Record<string, string> {
  const seconds = String(Math.floor(Date.now() / 1000) + (wanted.skewSeconds ?? 0))
  const secret = wanted.secret ?? workspace.signingSecret
  const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')
  const retry = wanted.retry
  return {
    'Content-Type': 'application/x-www-form-urlencoded',
    'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'X-Slack-Request-Timestamp': seconds,
    'X-Slack-Signature': `v0=${signature}`,
    ...(retry ? { 'X-Slack-Retry-Num': String(retry.number), 'X-Slack-Retry-Reason': retry.reason } : {}),
  }
}

async function send(url: string, body: string, headers: Record<string, string>): Promise<number> {
  try {
    const signal = AbortSignal.timeout(answerMs)
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    await response.text()
    return response.status
  } catch {
    return 0
  }
}

function toPayload(workspace: Workspace, channel: Channel, message: Message, button: Button, user: User) {
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: teamId },
    api_app_id: appId,
    token: 'deprecated',
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: message.ephemeralTo !== null,
      ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    },
    trigger_id: `${Date.now()}.1.${newKey()}`,
    team: { id: teamId, domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel.id, name: channel.name },
    message: formatMessage(workspace, message),
    state: { values: {} },
    response_url: responseUrl(workspace, message, user),
    actions: [toAction(workspace, button)],
  }
}

function toAction(workspace: Workspace, button: Button) {
  return {
    type: 'button',
    action_id: button.actionId,
    block_id: button.blockId,
    text: { type: 'plain_text', text: button.text, emoji: true },
    ...(button.value === null ? {} : { value: button.value }),
    ...(button.style === null ? {} : { style: button.style }),
    action_ts: nextTs(workspace),
  }
}

function responseUrl(workspace: Workspace, message: Message, user: User): string {
  const key = newKey()
  const expiresAt = Date.now() + 30 * 60_000
  const { channel, ts } = message
  workspace.state.responseUrls[key] = { channel, ts, user: user.id, uses: 0, expiresAt }
  workspace.save()
  return `${workspace.url}/actions/${teamId}/1/${key}`
}

/** What an app posts to a response URL: at most five times, for half an hour. */
export function respond(workspace: Workspace, key: string, given: Arguments): Reply {
  const record = workspace.state.responseUrls[key]
  if (!record || record.uses >= 5 || record.expiresAt < Date.now()) return json(404, refuse('used_url'))
  record.uses += 1
  const message = messageAt(workspace, record.channel, record.ts)
  if (given.delete_original)
    return json(200, deleteMessage(workspace, { channel: record.channel, ts: record.ts }))
  if (given.replace_original && message) return json(200, replaceContent(workspace, message, given))
  const visible = given.response_type === 'in_channel'
  return json(
    200,
    postMessage(workspace, { ...given, channel: record.channel }, visible ? null : record.user),
  )
}
