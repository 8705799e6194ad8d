// Posting, editing and deleting messages, for the Web API and for response URLs alike.
import { checkBlocks } from './blocks.ts'
import type { Message } from './state.ts'
import { channelOf, formatMessage, messageAt, nextTs, type Workspace } from './workspace.ts'

export type Arguments = Record<string, unknown>
export type Answer = { ok: boolean; error?: string; [field: string]: unknown }

export const refuse = (error: string): Answer => ({ ok: false, error })

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

// Slack shortens nothing beyond this; it refuses.
const maxText = 40_000

export function postMessage(
  workspace: Workspace,
  given: Arguments,
  ephemeralTo: string | null = null,
): Answer {
  const channel = channelOf(workspace, given.channel)
  if (!channel) return refuse('channel_not_found')
  const blocks = given.blocks === undefined ? null : checkBlocks(given.blocks)
  if (given.blocks !== undefined && !blocks) return refuse('invalid_blocks')
  if (!textOf(given.text) && !blocks) return refuse('no_text')
  if (textOf(given.text).length > maxText) return refuse('msg_too_long')
  const thread = given.thread_ts === undefined ? null : textOf(given.thread_ts)
  if (thread !== null && !messageAt(workspace, channel.id, thread)) return refuse('thread_not_found')
  const message: Message = {
    channel: channel.id,
    ts: nextTs(workspace),
    threadTs: thread,
    text: textOf(given.text),
    blocks,
    ephemeralTo,
    editedTs: null,
    broadcast: given.reply_broadcast === true || given.reply_broadcast === 'true',
    metadata: given.metadata ?? null,
  }
  workspace.state.messages.push(message)
  workspace.save()
  return { ok: true, channel: channel.id, ts: message.ts, message: formatMessage(workspace, message) }
}

export function updateMessage(workspace: Workspace, given: Arguments): Answer {
  const channel = channelOf(workspace, given.channel)
  if (!channel) return refuse('channel_not_found')
  const message = messageAt(workspace, channel.id, given.ts)
  if (!message || message.ephemeralTo) return refuse('message_not_found')
  return replaceContent(workspace, message, given)
}

/** Text without blocks takes the blocks away, as Slack does. */
export function replaceContent(workspace: Workspace, message: Message, given: Arguments): Answer {
  const blocks = given.blocks === undefined ? null : checkBlocks(given.blocks)
  if (given.blocks !== undefined && !blocks) return refuse('invalid_blocks')
  if (given.text === undefined && given.blocks === undefined) return refuse('no_text')
  message.text = given.text === undefined ? message.text : textOf(given.text)
  message.blocks = blocks
  message.metadata = given.metadata ?? message.metadata
  message.editedTs = nextTs(workspace)
  workspace.save()
  const { channel, ts, text } = message
  return { ok: true, channel, ts, text, message: formatMessage(workspace, message) }
}

export function deleteMessage(workspace: Workspace, given: Arguments): Answer {
  const channel = channelOf(workspace, given.channel)
  const message = channel && messageAt(workspace, channel.id, given.ts)
  if (!channel) return refuse('channel_not_found')
  if (!message) return refuse('message_not_found')
  workspace.state.messages.splice(workspace.state.messages.indexOf(message), 1)
  workspace.save()
  return { ok: true, channel: channel.id, ts: message.ts }
}
