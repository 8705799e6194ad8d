// Reporter: the one comment of a pull request. Subject: `<repository id>#<number>`. Found by the id we keep; failing that by
// its marker, among all comments, and only if it is the App's own. When somebody deletes it, the next build brings it back,
// not the next event.

import type { BuildView } from '../builds/views/view.ts'
import { loadBuildView, newestBuildId } from '../builds/views/view-store.ts'
import type { Db } from '../db/client.ts'
import { previewOf } from '../environments/store.ts'
import { digest } from '../events/digest.ts'
import type { Remote, Reporter } from '../events/reporter.ts'
import { attempt, statusOf } from './api-error.ts'
import type { Octokit } from './client.ts'
import { findOwnComment } from './own-comment.ts'
import { placeOf } from './place.ts'
import { commentMarker, renderComment } from './render-comment.ts'

interface Api {
  paginate: Octokit['paginate']
  rest: { issues: Pick<Octokit['rest']['issues'], 'createComment' | 'updateComment' | 'listComments'> }
}

interface Deps {
  db: Db
  appId: number
  octokitFor(installationId: number): Promise<Api>
}

type Place = ReturnType<typeof placeOf>

export function createCommentReporter({ db, appId, octokitFor }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const [repositoryId = 0, number = 0] = subject.split('#').map(Number)
      const view = await newestBuild(db, repositoryId, number)
      if (!view || remote.deletedAtBuild === view.id) return remote
      const id = typeof remote.id === 'number' ? remote.id : null
      const body = renderComment(view, id !== null)
      if (body === null || remote.hash === digest(body)) return remote
      const place = placeOf(view.repository)
      const octokit = await octokitFor(view.repository.installationId)
      return attempt(`The comment on ${subject}`, async () => {
        const marker = commentMarker(repositoryId, number)
        const known = id ?? (await findOwnComment(octokit, { place, number, marker, appId }))
        if (known === null) {
          const made = await create(octokit, place, number, body)
          await remember({ id: made })
          return { id: made, hash: digest(body) }
        }
        return (await update(octokit, place, known, body)) ? { id: known, hash: digest(body) } : deleted(view)
      })
    },
  }
}

async function newestBuild(db: Db, repositoryId: number, number: number): Promise<BuildView | null> {
  const preview = await previewOf(db, repositoryId, number)
  const buildId = preview ? await newestBuildId(db, preview.id) : null
  return buildId ? loadBuildView(db, buildId) : null
}

function deleted(view: BuildView): Remote {
  return { deletedAtBuild: view.id }
}

async function create(octokit: Api, place: Place, number: number, body: string): Promise<number> {
  const { data } = await octokit.rest.issues.createComment({
    ...place,
    issue_number: number,
    body,
    request: { retries: 0 },
  })
  return data.id
}

/** False: somebody has deleted it. */
async function update(octokit: Api, place: Place, id: number, body: string): Promise<boolean> {
  try {
    await octokit.rest.issues.updateComment({ ...place, comment_id: id, body })
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}
