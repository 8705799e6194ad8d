// One message that is kept up to date, and what is said in its thread. Where it was posted is remembered; history is read only
// after a try that died without knowing whether it had posted. A channel gets one new message a second, whoever posts it
// (GITHUB.md section 1.5): who comes too early comes again.
import type { Db } from '../db/client.ts'
import { digest } from '../events/digest.ts'
import { Postponed, type Remote } from '../events/reporter.ts'
import { takeTurn } from '../events/turns-store.ts'
import { type SlackClient, slackErrorOf } from './client.ts'
import type { Message } from './render.ts'

export interface Poster {
  db: Db
  slack: SlackClient
  channel: string
  gapMs: number
}

interface Wanted {
  message: Message
  /** By which a message is found again: of one report, equal each time. */
  key: string
}

type Remember = (remote: Remote) => Promise<void>

interface Posted {
  channel: string
  ts: string
}

export const channelGapMs = 1_000

export function postedAt({ channel, ts }: Remote): Posted | null {
  return typeof channel === 'string' && typeof ts === 'string' ? { channel, ts } : null
}

/** Resolves to what to remember: `{ deleted: true }` where somebody has deleted it, and it stays so. */
export async function keepMessage(
  poster: Poster,
  { message, key }: Wanted,
  remote: Remote,
  remember: Remember,
): Promise<Remote> {
  const hash = digest(message)
  const posted = postedAt(remote)
  if (posted && remote.hash === hash) return remote
  if (posted) return (await update(poster.slack, posted, message)) ? { ...remote, hash } : { deleted: true }
  const earlier = remote.posting ? await findPosted(poster.slack, remote.posting, key) : null
  if (earlier) {
    await remember({ ...earlier })
    return keepMessage(poster, { message, key }, { ...earlier }, remember)
  }
  await awaitTurn(poster)
  await remember({ posting: poster.channel })
  const place = await post(poster, message, key)
  await remember({ ...place })
  return { ...place, hash }
}

/** In the thread of what was posted, and in the channel too. Once: `noticed` is remembered before it is said. */
export async function saySo(
  poster: Poster,
  notice: Message & { key: string },
  remote: Remote,
  remember: Remember,
): Promise<Remote> {
  const posted = postedAt(remote)
  if (!posted || remote.noticed === notice.key) return remote
  await awaitTurn(poster)
  const noticed = { ...remote, noticed: notice.key }
  // Noted first: should we die in between, a notice is missing, which is better than one twice.
  await remember(noticed)
  const { text, blocks } = notice
  await poster.slack.chat.postMessage({
    channel: posted.channel,
    thread_ts: posted.ts,
    reply_broadcast: true,
    text,
    blocks,
  })
  return noticed
}

async function awaitTurn({ db, channel, gapMs }: Poster): Promise<void> {
  const waitMs = await takeTurn(db, `slack ${channel}`, { gapMs, maxWaitMs: 0 })
  if (waitMs === null) throw new Postponed(gapMs)
}

async function post({ slack, channel }: Poster, message: Message, key: string): Promise<Posted> {
  const answer = await slack.chat.postMessage({
    channel,
    ...message,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'sluice_report', event_payload: { key } },
  })
  if (!answer.channel || !answer.ts) throw new Error('Slack did not say where it put the message')
  return { channel: answer.channel, ts: answer.ts }
}

async function update(slack: SlackClient, { channel, ts }: Posted, message: Message): Promise<boolean> {
  try {
    await slack.chat.update({ channel, ts, ...message })
    return true
  } catch (error) {
    if (slackErrorOf(error) === 'message_not_found') return false
    throw error
  }
}

/** Needs the scope channels:history; without it the message is posted once more, which is the lesser harm. */
async function findPosted(slack: SlackClient, channel: unknown, key: string): Promise<Posted | null> {
  if (typeof channel !== 'string') return null
  try {
    const answer = await slack.conversations.history({ channel, limit: 15, include_all_metadata: true })
    const found = answer.messages?.find(message => keyOf(message) === key)
    return found?.ts ? { channel, ts: found.ts } : null
  } catch {
    return null
  }
}

function keyOf(message: object): unknown {
  const metadata = 'metadata' in message ? message.metadata : null
  const payload = isObject(metadata) && 'event_payload' in metadata ? metadata.event_payload : null
  return isObject(payload) && 'key' in payload ? payload.key : null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
