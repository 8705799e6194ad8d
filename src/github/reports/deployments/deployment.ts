// Reporter: GitHub's deployment of a build and its statuses. Subject: the build's id. Each environment has its own name
// there and auto_inactive is off, so a build never touches another pull request's deployment: that of the build it replaces
// is a report of its own.

import { oneLine } from '../../../builds/plain-text.ts'
import { type BuildView, headline } from '../../../builds/views/view.ts'
import { loadBuildView } from '../../../builds/views/view-store.ts'
import type { Db } from '../../../db/client.ts'
import { digest } from '../../../events/digest.ts'
import type { Remote, Reporter } from '../../../events/reporter.ts'
import { attempt } from '../../client/api-error.ts'
import type { Octokit } from '../../client/client.ts'
import { placeOf } from '../place.ts'
import { renderDeployment } from './render-deployment.ts'

interface Api {
  rest: {
    repos: Pick<Octokit['rest']['repos'], 'createDeployment' | 'createDeploymentStatus' | 'listDeployments'>
  }
}

interface Deps {
  db: Db
  octokitFor(installationId: number): Promise<Api>
}

type Place = ReturnType<typeof placeOf>

export function createDeploymentReporter({ db, octokitFor }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const view = await loadBuildView(db, subject)
      if (!view) return remote
      const wanted = renderDeployment(view)
      const hash = digest(wanted)
      if (remote.hash === hash) return remote
      const place = placeOf(view.repository)
      const octokit = await octokitFor(view.repository.installationId)
      return attempt(`The deployment of build ${subject}`, async () => {
        const known = await findKnown(octokit, place, view, remote)
        // Over before anybody could see it begin: there is nothing to take back.
        if (known === null && wanted.state === 'inactive') return {}
        if (known === null) await remember({ creating: true })
        const id = known ?? (await create(octokit, place, view))
        await remember({ ...remote, id })
        await octokit.rest.repos.createDeploymentStatus({
          ...place,
          deployment_id: id,
          ...wanted,
          auto_inactive: false,
        })
        return { id, hash, state: wanted.state }
      })
    },
  }
}

async function findKnown(octokit: Api, place: Place, view: BuildView, { id, creating }: Remote) {
  if (typeof id === 'number') return id
  return creating ? find(octokit, place, view) : null
}

/** One that an earlier try made, and died before it could note the number. */
async function find(octokit: Api, place: Place, view: BuildView): Promise<number | null> {
  const { sha, environment } = view
  const { data } = await octokit.rest.repos.listDeployments({
    ...place,
    sha,
    environment: environment.name,
    per_page: 100,
  })
  return data.find(deployment => buildOf(deployment.payload) === view.id)?.id ?? null
}

/** GitHub gives the payload back as it came, or as text. */
function buildOf(payload: unknown): unknown {
  if (typeof payload === 'object' && payload !== null && 'build' in payload) return payload.build
  const text = typeof payload === 'string' ? /"build":\s*"([^"]+)"/.exec(payload) : null
  return text?.[1]
}

async function create(octokit: Api, place: Place, view: BuildView): Promise<number> {
  const { environment, sha } = view
  const { data } = await octokit.rest.repos.createDeployment({
    ...place,
    ref: sha,
    environment: environment.name,
    description: oneLine(headline(view), 140),
    payload: { build: view.id },
    // Without these two GitHub would merge the default branch into the commit, and wait for its checks, ours among them.
    auto_merge: false,
    required_contexts: [],
    transient_environment: environment.preview,
    production_environment: environment.production,
    request: { retries: 0 },
  })
  if (!('id' in data)) throw new Error(`GitHub made no deployment: ${data.message ?? 'it did not say why'}`)
  return data.id
}
