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
export async function findOwnComments(octokit: Api, search: Search): Promise<number[]> {
  const { place, number, marker, appId, since } = search
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...place,
    issue_number: number,
    per_page: 100,
    ...(since ? { since: since.toISOString() } : {}),
  })
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
