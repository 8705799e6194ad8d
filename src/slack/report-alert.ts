// Reporter: one message an incident, edited as its functions recover, and the word in its thread, shown in the channel too, when all
// have. Subject: the incident's id.
import { loadIncident } from '../alerts/incident-view.ts'
import type { Db } from '../db/client.ts'
import type { Reporter } from '../events/reporter.ts'
import { channelOf } from './channel.ts'
import { explainSlack, type SlackClient } from './client.ts'
import { channelGapMs, keepMessage, postedAt, saySo } from './post-message.ts'
import { renderAlert } from './render-alert.ts'

interface Deps {
  db: Db
  slack: SlackClient
  /** Where alerts go whose repository names no channel; null: nowhere. */
  channel: string | null
  /** Between two new messages in a channel. */
  gapMs?: number
  /** Where the console is reached. */
  url: string
}

export function createSlackAlertReporter({
  db,
  slack,
  channel: fallback,
  gapMs = channelGapMs,
  url,
}: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const view = await loadIncident(db, subject)
      const channel = view ? channelOf(view.repository.file, view.environment.name, fallback) : null
      if (!view || !channel || remote.deleted) return remote
      const { notice, ...message } = renderAlert(view, url)
      // Over before anybody was told of it.
      if (notice && !postedAt(remote)) return remote
      const poster = { db, slack, channel, gapMs }
      try {
        const after = await keepMessage(poster, { message, key: subject }, remote, remember)
        return notice ? await saySo(poster, notice, after, remember) : after
      } catch (error) {
        throw explainSlack(error, channel)
      }
    },
  }
}
