// Reporter: what a command came to. Subject: the command's id. 👀 as soon as it was seen, then one comment if there is
// anything to say, and one final reaction instead of the 👀. Reactions are decoration: when they fail the answer still stands.
import type { Db } from '../../../db/client.ts'
import { messageOf } from '../../../errors.ts'
import type { Remote, Reporter } from '../../../events/reporter.ts'
import type { Log } from '../../../log.ts'
import { attempt } from '../../client/api-error.ts'
import { findCommand, isReachable } from '../../store.ts'
import { placeOf } from '../place.ts'
import { reactionTo, renderReply, replyMarker } from './render-reply.ts'
import { type Thread, type ThreadApi, threadOf } from './thread.ts'

interface Deps {
  db: Db
  appId: number
  octokitFor(installationId: number): Promise<ThreadApi>
  log: Log
}

type Found = NonNullable<Awaited<ReturnType<typeof findCommand>>>

interface Writer {
  thread: Thread
  found: Found
  appId: number
  remember(remote: Remote): Promise<void>
}

export function createReplyReporter({ db, appId, octokitFor, log }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const found = await findCommand(db, subject)
      if (!found) return remote
      const { repository } = found
      const place = placeOf({ ...repository, reachable: await isReachable(db, repository.id) })
      const octokit = await octokitFor(repository.installationId)
      const writer = { thread: threadOf(octokit, place, found.command), found, appId, remember }
      return attempt(`The answer to command ${subject}`, async () => {
        const answered = await answer(writer, remote)
        return react(writer, answered).catch(error => {
          log.info({ commandId: subject }, `the reactions to command ${subject} failed: ${messageOf(error)}`)
          // Whether the 👀 stands there is unknown now; taking it away again does no harm.
          return { ...answered, eyes: 'given' }
        })
      })
    },
  }
}

async function answer(writer: Writer, remote: Remote): Promise<Remote> {
  const { thread, found, appId, remember } = writer
  const { id, reply, createdAt } = found.command
  if (!reply || found.command.state === 'received' || remote.commentId !== undefined) return remote
  const earlier = remote.answering ? await thread.find(replyMarker(id), appId, createdAt) : null
  if (earlier === null) await remember({ ...remote, answering: true })
  const commentId = earlier ?? (await thread.post(bodyOf(found, reply)))
  const answered = { ...remote, commentId }
  await remember(answered)
  return answered
}

function bodyOf({ command: { id, line, actor, reasonCode } }: Found, reply: string): string {
  return renderReply({ id, line, actor, reasonCode, reply })
}

async function react({ thread, found, remember }: Writer, remote: Remote): Promise<Remote> {
  const final = reactionTo(found.states)
  if (remote.reaction !== undefined && remote.reaction === final) return remote
  if (final === null && remote.eyes === 'given') return remote
  if (final === null) {
    // An earlier try that died is found by trying again.
    await remember({ ...remote, eyes: 'given' })
    await thread.react('eyes')
    return { ...remote, eyes: 'given' }
  }
  // Of several commands in one comment, the last to end clears up for all.
  if (remote.eyes === 'given' || found.states.length > 1) await thread.unreact(await thread.react('eyes'))
  await thread.react(final)
  return { ...remote, eyes: 'taken', reaction: final }
}
