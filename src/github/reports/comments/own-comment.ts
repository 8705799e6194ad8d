// Finds a comment that we wrote by its hidden marker. A marker that somebody else repeats counts for nothing.
import type { Octokit } from '../../client/client.ts'

interface Api {
  paginate: Octokit['paginate']
  rest: { issues: Pick<Octokit['rest']['issues'], 'listComments'> }
}

interface Search {
  place: { owner: string; repo: string }
  number: number
  marker: string
  appId: number
  /** Comments that changed before this are not looked at. */
  since?: Date
}

/** Its id; of several, the oldest. */
export async function findOwnComment(octokit: Api, search: Search): Promise<number | null> {
  return (await findOwnComments(octokit, search))[0] ?? null
}

/** The ids of all there are, oldest first. */
export function findOwnComments(octokit: Api, search: Search): Promise<number[]> {
  const { place, number, since } = search
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...place,
    issue_number: number,
    per_page: 100,
    ...(since ? { since: since.toISOString() } : {}),
  })
  return ownIn(pages, search)
}

interface CommitApi {
  paginate: Octokit['paginate']
  rest: { repos: Pick<Octokit['rest']['repos'], 'listCommentsForCommit'> }
}

/** Likewise, on a commit. */
export async function findOnCommit(
  octokit: CommitApi,
  { place, sha, ...search }: Pick<Search, 'place' | 'marker' | 'appId'> & { sha: string },
): Promise<number | null> {
  const asked = { ...place, commit_sha: sha, per_page: 100 }
  const pages = octokit.paginate.iterator(octokit.rest.repos.listCommentsForCommit, asked)
  return (await ownIn(pages, search))[0] ?? null
}

async function ownIn(
  pages: AsyncIterable<{ data: (Comment & { id: number; body?: string })[] }>,
  { marker, appId }: Pick<Search, 'marker' | 'appId'>,
): Promise<number[]> {
  const found: number[] = []
  for await (const { data } of pages) {
    const own = data.filter(comment => isOwn(comment, appId) && comment.body?.includes(marker))
    found.push(...own.map(comment => comment.id))
  }
  return found
}

interface Comment {
  user: { type: string } | null
  performed_via_github_app?: { id: number } | null
}

/** Where GitHub leaves the App out of a comment, that a bot wrote it is all there is to go by. */
function isOwn({ user, performed_via_github_app: app }: Comment, appId: number): boolean {
  return app ? app.id === appId : user?.type === 'Bot'
}
