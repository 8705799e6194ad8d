// The Web API's methods: a name, and what it answers.
import { type Answer, type Arguments, deleteMessage, postMessage, refuse, updateMessage } from './messages.ts'
import type { Channel, User } from './state.ts'
import {
  botId,
  botUser,
  channelOf,
  formatMessage,
  messageAt,
  teamId,
  userOf,
  type Workspace,
} from './workspace.ts'

type Method = (workspace: Workspace, given: Arguments) => Answer

export const methods: Record<string, Method> = {
  'api.test': () => ({ ok: true }),
  'auth.test': workspace => ({
    ok: true,
    url: `${workspace.url}/`,
    team: 'Sandbox',
    team_id: teamId,
    user: 'sluice',
    user_id: botUser,
    bot_id: botId,
    is_enterprise_install: false,
  }),
  'chat.postMessage': (workspace, given) => postMessage(workspace, given),
  'chat.update': updateMessage,
  'chat.delete': deleteMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': permalink,
  'conversations.list': workspace => ({
    ok: true,
    channels: workspace.state.channels.map(formatChannel),
    response_metadata: { next_cursor: '' },
  }),
  'conversations.info': (workspace, given) =>
    inChannel(workspace, given, channel => ({ channel: formatChannel(channel) })),
  'conversations.join': (workspace, given) =>
    inChannel(workspace, given, channel => ({ channel: formatChannel(channel) })),
  'conversations.history': history,
  'conversations.replies': replies,
  'reactions.add': addReaction,
  'users.info': (workspace, given) => aboutUser(userOf(workspace, given.user), 'user_not_found'),
  'users.lookupByEmail': (workspace, given) =>
    aboutUser(userOf(workspace, String(given.email).replace(/@.*$/, '')), 'users_not_found'),
  'users.list': workspace => ({ ok: true, members: workspace.state.users.map(formatUser) }),
  'views.open': (_, given) => ({ ok: true, view: { id: 'V0SANDBOX', ...asRecord(given.view) } }),
}

const asRecord = (value: unknown) => (typeof value === 'object' && value !== null ? value : {})

export function formatChannel({ id, name }: Channel) {
  return { id, name, is_channel: true, is_member: true, is_archived: false, is_private: false }
}

export function formatUser({ id, name }: User) {
  const profile = { email: `${name}@sandbox.test`, real_name: name, display_name: name }
  return { id, name, real_name: name, team_id: teamId, is_bot: false, deleted: false, tz: 'Etc/UTC', profile }
}

function inChannel(workspace: Workspace, given: Arguments, answer: (channel: Channel) => object): Answer {
  const channel = channelOf(workspace, given.channel)
  return channel ? { ok: true, ...answer(channel) } : refuse('channel_not_found')
}

function aboutUser(user: User | undefined, error: string): Answer {
  return user ? { ok: true, user: formatUser(user) } : refuse(error)
}

function postEphemeral(workspace: Workspace, given: Arguments): Answer {
  const user = userOf(workspace, given.user)
  if (!user) return refuse('user_not_in_channel')
  const answer = postMessage(workspace, given, user.id)
  return answer.ok ? { ok: true, message_ts: answer.ts } : answer
}

function permalink(workspace: Workspace, given: Arguments): Answer {
  return inChannel(workspace, given, channel => {
    const ts = String(given.message_ts)
    return { permalink: `${workspace.url}/#${channel.id}-${ts.replace('.', '')}`, channel: channel.id }
  })
}

function history(workspace: Workspace, given: Arguments): Answer {
  return inChannel(workspace, given, channel => {
    const top = workspace.state.messages.filter(
      message =>
        message.channel === channel.id && !message.ephemeralTo && (!message.threadTs || message.broadcast),
    )
    const messages = top.reverse().map(message => formatMessage(workspace, message))
    return { messages, has_more: false }
  })
}

function replies(workspace: Workspace, given: Arguments): Answer {
  return inChannel(workspace, given, channel => {
    const thread = workspace.state.messages.filter(
      message => message.channel === channel.id && (message.ts === given.ts || message.threadTs === given.ts),
    )
    return { messages: thread.map(message => formatMessage(workspace, message)), has_more: false }
  })
}

function addReaction(workspace: Workspace, given: Arguments): Answer {
  const channel = channelOf(workspace, given.channel)
  if (!channel) return refuse('channel_not_found')
  if (!messageAt(workspace, channel.id, given.timestamp)) return refuse('message_not_found')
  const reaction = { channel: channel.id, ts: String(given.timestamp), name: String(given.name) }
  const { reactions } = workspace.state
  if (reactions.some(known => known.ts === reaction.ts && known.name === reaction.name))
    return refuse('already_reacted')
  reactions.push(reaction)
  workspace.save()
  return { ok: true }
}
