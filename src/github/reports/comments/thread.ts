// Where a comment stands, and so where it is answered: on an issue (or a pull request, which is one), or on a commit. The two
// have their own addresses for the same things.
import type { Octokit } from '../../client/client.ts'
import { findOnCommit, findOwnComment } from './own-comment.ts'

export interface ThreadApi {
  paginate: Octokit['paginate']
  rest: {
    issues: Pick<Octokit['rest']['issues'], 'createComment' | 'listComments'>
    repos: Pick<Octokit['rest']['repos'], 'createCommitComment' | 'listCommentsForCommit'>
    reactions: Pick<
      Octokit['rest']['reactions'],
      'createForIssueComment' | 'deleteForIssueComment' | 'createForCommitComment' | 'deleteForCommitComment'
    >
  }
}

export type Content = 'eyes' | 'rocket' | '+1' | 'confused' | '-1'

export interface Thread {
  /** The App's own comment with this marker; null: there is none. */
  find(marker: string, appId: number, since: Date): Promise<number | null>
  post(body: string): Promise<number>
  /** Giving a reaction twice is giving it once. */
  react(content: Content): Promise<number>
  unreact(reactionId: number): Promise<void>
}

interface Standing {
  commentId: number
  issueNumber: number | null
  commitSha: string | null
}

export function threadOf(
  octokit: ThreadApi,
  place: { owner: string; repo: string },
  { commentId: comment_id, issueNumber, commitSha }: Standing,
): Thread {
  if (commitSha !== null) return onCommit(octokit, place, comment_id, commitSha)
  if (issueNumber !== null) return onIssue(octokit, place, comment_id, issueNumber)
  throw new Error(`comment ${comment_id} stands nowhere`)
}

type Place = Parameters<typeof threadOf>[1]

function onIssue(octokit: ThreadApi, place: Place, comment_id: number, number: number): Thread {
  const { issues, reactions } = octokit.rest
  return {
    find: (marker, appId, since) => findOwnComment(octokit, { place, number, marker, appId, since }),
    async post(body) {
      const asked = { ...place, issue_number: number, body, request: { retries: 0 } }
      return (await issues.createComment(asked)).data.id
    },
    async react(content) {
      return (await reactions.createForIssueComment({ ...place, comment_id, content })).data.id
    },
    async unreact(reaction_id) {
      await reactions.deleteForIssueComment({ ...place, comment_id, reaction_id })
    },
  }
}

function onCommit(octokit: ThreadApi, place: Place, comment_id: number, sha: string): Thread {
  const { repos, reactions } = octokit.rest
  return {
    find: (marker, appId) => findOnCommit(octokit, { place, sha, marker, appId }),
    async post(body) {
      const asked = { ...place, commit_sha: sha, body, request: { retries: 0 } }
      return (await repos.createCommitComment(asked)).data.id
    },
    async react(content) {
      return (await reactions.createForCommitComment({ ...place, comment_id, content })).data.id
    },
    async unreact(reaction_id) {
      await reactions.deleteForCommitComment({ ...place, comment_id, reaction_id })
    },
  }
}
