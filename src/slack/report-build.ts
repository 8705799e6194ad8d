// Reporter: one message per build, edited as the build goes on, and a notice in its thread, shown in the channel too, when an
// environment starts failing or recovers. Subject: the build's id. Where it was posted is remembered; history is read only
// after a try that died without knowing whether it had posted.

import { type BuildView, fateOf } from '../builds/views/view.ts'
import { loadBuildView } from '../builds/views/view-store.ts'
import type { Db } from '../db/client.ts'
import { digest } from '../events/digest.ts'
import type { Remote, Reporter } from '../events/reporter.ts'
import { explainSlack, type SlackClient, slackErrorOf } from './client.ts'
import { type Message, renderBuild, renderNotice } from './render-build.ts'

interface Deps {
  db: Db
  slack: SlackClient
  /** Where builds go whose repository names no channel; null: nowhere. */
  channel: string | null
}

interface Posted {
  channel: string
  ts: string
}

export function createSlackBuildReporter({ db, slack, channel: fallback }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const view = await loadBuildView(db, subject)
      const channel = view?.repository.file.notifications.slack ?? fallback
      if (!view || !channel || remote.deleted) return remote
      try {
        const wasThere = readPosted(remote) !== null
        const after = await writeMessage(slack, channel, view, remote, remember)
        return await writeNotice(slack, view, after, { wasThere, remember })
      } catch (error) {
        throw explainSlack(error, channel)
      }
    },
  }
}

function readPosted({ channel, ts }: Remote): Posted | null {
  return typeof channel === 'string' && typeof ts === 'string' ? { channel, ts } : null
}

async function writeMessage(
  slack: SlackClient,
  channel: string,
  view: BuildView,
  remote: Remote,
  remember: (remote: Remote) => Promise<void>,
): Promise<Remote> {
  const message = renderBuild(view)
  const hash = digest(message)
  const posted = readPosted(remote)
  if (posted && remote.hash === hash) return remote
  if (posted) {
    return (await update(slack, posted, message)) ? { ...remote, hash } : { deleted: true }
  }
  // Over before anybody was told of it.
  const fate = fateOf(view)
  if (fate === 'superseded' || fate === 'cancelled') return remote
  const earlier = remote.posting ? await findPosted(slack, remote.posting, view.id) : null
  if (!earlier) await remember({ posting: channel })
  const place = earlier ?? (await post(slack, channel, message, view.id))
  await remember({ ...place })
  return earlier ? writeMessage(slack, channel, view, { ...place }, remember) : { ...place, hash }
}

async function post(slack: SlackClient, channel: string, message: Message, buildId: string): Promise<Posted> {
  const answer = await slack.chat.postMessage({
    channel,
    ...message,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'sluice_build', event_payload: { build: buildId } },
  })
  if (!answer.channel || !answer.ts) throw new Error('Slack did not say where it put the message')
  return { channel: answer.channel, ts: answer.ts }
}

/** False: somebody has deleted it, and it stays so. */
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
async function findPosted(slack: SlackClient, channel: unknown, buildId: string): Promise<Posted | null> {
  if (typeof channel !== 'string') return null
  try {
    const answer = await slack.conversations.history({ channel, limit: 15, include_all_metadata: true })
    const found = answer.messages?.find(message => buildOf(message) === buildId)
    return found?.ts ? { channel, ts: found.ts } : null
  } catch {
    return null
  }
}

function buildOf(message: object): unknown {
  const metadata = 'metadata' in message ? message.metadata : null
  const payload = isObject(metadata) && 'event_payload' in metadata ? metadata.event_payload : null
  return isObject(payload) && 'build' in payload ? payload.build : null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

async function writeNotice(
  slack: SlackClient,
  view: BuildView,
  remote: Remote,
  { wasThere, remember }: { wasThere: boolean; remember(remote: Remote): Promise<void> },
): Promise<Remote> {
  const notice = renderNotice(view)
  const posted = readPosted(remote)
  if (!notice || !posted || remote.noticed === notice.key) return remote
  const noticed = { ...remote, noticed: notice.key }
  // A message that was only just posted says it failed, and has been seen.
  if (notice.key === 'failed' && !wasThere) return noticed
  // Noted first: should we die in between, a notice is missing, which is better than one twice.
  await remember(noticed)
  const { text, blocks } = notice
  await slack.chat.postMessage({
    channel: posted.channel,
    thread_ts: posted.ts,
    reply_broadcast: true,
    text,
    blocks,
  })
  return noticed
}
