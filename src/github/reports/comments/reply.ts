// Reporter: what a command came to. Subject: the command's id. 👀 as soon as it was seen, then one comment if there is
// anything to say, and one final reaction instead of the 👀. Reactions are decoration: when they fail the answer still stands.
import type { Db } from '../../../db/client.ts'
import { messageOf } from '../../../errors.ts'
import type { Remote, Reporter } from '../../../events/reporter.ts'
import type { Log } from '../../../log.ts'
import { attempt } from '../../client/api-error.ts'
import type { Octokit } from '../../client/client.ts'
import { findCommand, isReachable } from '../../store.ts'
import { placeOf } from '../place.ts'
import { findOwnComment } from './own-comment.ts'
import { reactionTo, renderReply, replyMarker } from './render-reply.ts'

interface Api {
  paginate: Octokit['paginate']
  rest: {
    issues: Pick<Octokit['rest']['issues'], 'createComment' | 'listComments'>
    reactions: Pick<Octokit['rest']['reactions'], 'createForIssueComment' | 'deleteForIssueComment'>
  }
}

interface Deps {
  db: Db
  appId: number
  octokitFor(installationId: number): Promise<Api>
  log: Log
}

type Found = NonNullable<Awaited<ReturnType<typeof findCommand>>>

interface Writer {
  octokit: Api
  place: ReturnType<typeof placeOf>
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
      const writer = { octokit, place, found, appId, remember }
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
  const { octokit, place, found, appId, remember } = writer
  const { id, reply, issueNumber: number, createdAt } = found.command
  if (!reply || found.command.state === 'received' || remote.commentId !== undefined) return remote
  const search = { place, number, marker: replyMarker(id), appId, since: createdAt }
  const earlier = remote.answering ? await findOwnComment(octokit, search) : null
  if (earlier === null) await remember({ ...remote, answering: true })
  const commentId = earlier ?? (await post(writer, reply))
  const answered = { ...remote, commentId }
  await remember(answered)
  return answered
}

async function post({ octokit, place, found }: Writer, reply: string): Promise<number> {
  const { id, line, actor, reasonCode, issueNumber } = found.command
  const { data } = await octokit.rest.issues.createComment({
    ...place,
    issue_number: issueNumber,
    body: renderReply({ id, line, actor, reasonCode, reply }),
    request: { retries: 0 },
  })
  return data.id
}

async function react({ octokit, place, found, remember }: Writer, remote: Remote): Promise<Remote> {
  const comment = { ...place, comment_id: found.command.commentId }
  const { reactions } = octokit.rest
  const final = reactionTo(found.states)
  if (remote.reaction !== undefined && remote.reaction === final) return remote
  if (final === null && remote.eyes === 'given') return remote
  if (final === null) {
    // Giving a reaction twice is giving it once: an earlier try that died is found by trying again.
    await remember({ ...remote, eyes: 'given' })
    await reactions.createForIssueComment({ ...comment, content: 'eyes' })
    return { ...remote, eyes: 'given' }
  }
  // Of several commands in one comment, the last to end clears up for all.
  if (remote.eyes === 'given' || found.states.length > 1) {
    const { data } = await reactions.createForIssueComment({ ...comment, content: 'eyes' })
    await reactions.deleteForIssueComment({ ...comment, reaction_id: data.id })
  }
  await reactions.createForIssueComment({ ...comment, content: final })
  return { ...remote, eyes: 'taken', reaction: final }
}
