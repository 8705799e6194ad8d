// Reporter: the one comment of a pull request. Subject: `<repository id>#<number>`. Found by the id we keep; failing that by
// its marker, among all comments, and only if it is the App's own. Should two have been made at once, the oldest stays.
// When somebody deletes it, the next build brings it back, not the next event. While something is being built it is edited once
// in ten seconds at most.
import { loadDurations, newestRun } from '../../../builds/views/durations-store.ts'
import { buildsOfPull } from '../../../builds/views/pull-view-store.ts'
import { fateOf } from '../../../builds/views/view.ts'
import { loadBuildView } from '../../../builds/views/view-store.ts'
import type { Db } from '../../../db/client.ts'
import { digest } from '../../../events/digest.ts'
import { Postponed, type Remote, type Reporter } from '../../../events/reporter.ts'
import { attempt, statusOf } from '../../client/api-error.ts'
import type { Octokit } from '../../client/client.ts'
import { placeOf } from '../place.ts'
import { findOwnComments } from './own-comment.ts'
import { commentMarker, type PullView, renderComment } from './render-comment.ts'

interface Api {
  paginate: Octokit['paginate']
  rest: {
    issues: Pick<
      Octokit['rest']['issues'],
      'createComment' | 'updateComment' | 'deleteComment' | 'listComments'
    >
  }
}

interface Deps {
  db: Db
  appId: number
  /** Where people see the host, such as https://github.com. */
  url: string
  octokitFor(installationId: number): Promise<Api>
  /** Between two edits of one comment while something is being built. */
  spacingMs?: number
}

interface Where {
  octokit: Api
  place: ReturnType<typeof placeOf>
  number: number
  marker: string
  appId: number
}

export function createCommentReporter(deps: Deps): Reporter {
  const { db, appId, octokitFor, spacingMs = 10_000 } = deps
  return {
    async write({ subject, remote, remember }) {
      const [repositoryId = 0, number = 0] = subject.split('#').map(Number)
      const pull = await loadPull(deps, repositoryId, number)
      const [preview] = pull.environments
      const builds = digest(pull.environments.map(({ view }) => view.id))
      if (!preview || remote.deletedAt === builds) return remote
      const kept = typeof remote.id === 'number' ? remote.id : null
      const runs = await newestRun(db, preview.view.environment.id)
      const body = renderComment(pull, kept !== null)
      if (body === null || remote.hash === digest(body)) return kept === null ? remote : { ...remote, runs }
      const place = placeOf(preview.view.repository)
      const waitMs = Number(remote.editedAt ?? 0) + spacingMs - Date.now()
      if (waitMs > 0 && isProgress(pull)) throw new Postponed(Math.min(waitMs, spacingMs))
      const octokit = await octokitFor(preview.view.repository.installationId)
      const where = { octokit, place, number, marker: commentMarker(repositoryId, number), appId }
      return attempt(`The comment on ${subject}`, async () => {
        const known = kept ?? (await findOwnComments(octokit, where))[0] ?? null
        const written = { hash: digest(body), runs, editedAt: Date.now() }
        if (known === null) return { id: await createOne(where, body, remember), ...written }
        return (await update(where, known, body)) ? { id: known, ...written } : { deletedAt: builds }
      })
    },
  }
}

async function loadPull({ db, url }: Deps, repositoryId: number, number: number): Promise<PullView> {
  const pull: PullView = { repositoryId, number, environments: [], durations: null }
  for (const { buildId, checkRun } of await buildsOfPull(db, repositoryId, number)) {
    const view = await loadBuildView(db, buildId)
    if (!view) continue
    const { owner, name } = view.repository
    const checkUrl = checkRun === null ? null : `${url}/${owner}/${name}/runs/${checkRun}`
    pull.environments.push({ view, checkUrl })
  }
  const preview = pull.environments[0]?.view
  const isLive = preview && ['live', 'unchanged'].includes(fateOf(preview))
  return isLive ? { ...pull, durations: await loadDurations(db, preview.environment.id) } : pull
}

/** The end of everything is told at once; what is said on the way there may be over before it could be read. */
function isProgress({ environments }: PullView): boolean {
  return environments.some(({ view }) => ['queued', 'building'].includes(fateOf(view)))
}

/** Two at once each find none and make one: both look again, and agree on the oldest. */
async function createOne(where: Where, body: string, remember: (remote: Remote) => Promise<void>) {
  const { octokit, place, number } = where
  const { data } = await octokit.rest.issues.createComment({
    ...place,
    issue_number: number,
    body,
    request: { retries: 0 },
  })
  await remember({ id: data.id })
  // A list may lag behind what was just created; ours is there whatever it says.
  const [oldest = data.id, ...others] = [
    ...new Set([...(await findOwnComments(octokit, where)), data.id]),
  ].sort((a, b) => a - b)
  for (const comment_id of others)
    await octokit.rest.issues.deleteComment({ ...place, comment_id }).catch(ifGone)
  return oldest
}

/** False: somebody has deleted it. */
async function update({ octokit, place }: Where, id: number, body: string): Promise<boolean> {
  try {
    await octokit.rest.issues.updateComment({ ...place, comment_id: id, body })
    return true
  } catch (error) {
    ifGone(error)
    return false
  }
}

function ifGone(error: unknown): void {
  if (statusOf(error) !== 404) throw error
}
