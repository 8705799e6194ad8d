// Reporter: one message per build, edited as the build goes on, and a notice in its thread, shown in the channel too, when an
// environment starts failing or recovers. Subject: the build's id.
import { type BuildView, fateOf } from '../builds/views/view.ts'
import { loadBuildView } from '../builds/views/view-store.ts'
import type { Db } from '../db/client.ts'
import type { Remote, Reporter } from '../events/reporter.ts'
import { channelOf } from './channel.ts'
import { explainSlack, type SlackClient } from './client.ts'
import { channelGapMs, keepMessage, type Poster, postedAt, saySo } from './post-message.ts'
import { renderBuild, renderNotice } from './render-build.ts'

interface Deps {
  db: Db
  slack: SlackClient
  /** Where builds go whose repository names no channel; null: nowhere. */
  channel: string | null
  /** Between two new messages in a channel. */
  gapMs?: number
}

export function createSlackBuildReporter({
  db,
  slack,
  channel: fallback,
  gapMs = channelGapMs,
}: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const view = await loadBuildView(db, subject)
      const channel = view ? channelOf(view.repository.file, view.environment.name, fallback) : null
      if (!view || !channel || remote.deleted) return remote
      const wasThere = postedAt(remote) !== null
      if (!wasThere && isOver(view)) return remote
      const poster = { db, slack, channel, gapMs }
      try {
        const after = await keepMessage(
          poster,
          { message: renderBuild(view), key: view.id },
          remote,
          remember,
        )
        return await notice(poster, view, after, { wasThere, remember })
      } catch (error) {
        throw explainSlack(error, channel)
      }
    },
  }
}

/** Before anybody was told of it. */
function isOver(view: BuildView): boolean {
  const fate = fateOf(view)
  return fate === 'superseded' || fate === 'cancelled'
}

async function notice(
  poster: Poster,
  view: BuildView,
  remote: Remote,
  { wasThere, remember }: { wasThere: boolean; remember(remote: Remote): Promise<void> },
): Promise<Remote> {
  const said = renderNotice(view)
  if (!said || !postedAt(remote)) return remote
  // A message that was only just posted says it failed, and has been seen.
  if (said.key === 'failed' && !wasThere) return { ...remote, noticed: said.key }
  return saySo(poster, said, remote, remember)
}
