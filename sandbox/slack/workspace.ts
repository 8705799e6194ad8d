// The running Slack as its parts see it: its state, its addresses, the failures it was told to have.
import { randomBytes } from 'node:crypto'
import type { Channel, Message, SlackState, User } from './state.ts'

export const teamId = 'T0SANDBOX'
export const appId = 'A0SANDBOX'
export const botUser = 'U0SLUICE'
export const botId = 'B0SLUICE'

/** A Slack error by its name, or a rate limit. */
export type Failure = string | { retryAfterSeconds: number } | { status: number }

export type Workspace = {
  url: string
  token: string
  signingSecret: string
  interactivityUrl: string | null
  state: SlackState
  failures: Map<string, Failure[]>
  save(): void
}

export function channelOf(workspace: Workspace, given: unknown): Channel | undefined {
  const name = String(given).replace(/^#/, '')
  return workspace.state.channels.find(channel => channel.id === given || channel.name === name)
}

export function userOf(workspace: Workspace, given: unknown): User | undefined {
  const name = String(given).replace(/^@/, '')
  return workspace.state.users.find(user => user.id === given || user.name === name)
}

/** Seconds of now, and a counter that keeps every message's name its own and in order. */
export function nextTs(workspace: Workspace): string {
  workspace.state.sequence += 1
  return `${Math.floor(Date.now() / 1000)}.${String(workspace.state.sequence).padStart(6, '0')}`
}

export function messageAt(workspace: Workspace, channel: string, ts: unknown): Message | undefined {
  return workspace.state.messages.find(message => message.channel === channel && message.ts === ts)
}

export const newKey = () => randomBytes(12).toString('hex')

/** A message as the API shows it. */
export function formatMessage(workspace: Workspace, message: Message) {
  const replies = workspace.state.messages.filter(
    other => other.threadTs === message.ts && other.ts !== message.ts && other.channel === message.channel,
  )
  return {
    type: 'message',
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    ts: message.ts,
    user: botUser,
    bot_id: botId,
    app_id: appId,
    team: teamId,
    text: message.text,
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
    ...(replies.length > 0 ? { thread_ts: message.ts, reply_count: replies.length } : {}),
    ...(message.editedTs ? { edited: { user: botUser, ts: message.editedTs } } : {}),
    ...(message.metadata ? { metadata: message.metadata } : {}),
  }
}
