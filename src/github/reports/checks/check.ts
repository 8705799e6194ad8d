// Reporter: the check run of a build, named after its environment. Subject: the build's id.
import { loadBuildView } from '../../../builds/views/view-store.ts'
import type { Db } from '../../../db/client.ts'
import type { Reporter } from '../../../events/reporter.ts'
import { attempt } from '../../client/api-error.ts'
import { placeOf } from '../place.ts'
import { renderCheck } from './render-check.ts'
import { type Checks, writeCheck } from './write-check.ts'

interface Deps {
  db: Db
  octokitFor(installationId: number): Promise<Checks>
}

export function createCheckReporter({ db, octokitFor }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const view = await loadBuildView(db, subject)
      if (!view) return remote
      const place = placeOf(view.repository)
      const octokit = await octokitFor(view.repository.installationId)
      const target = { place, sha: view.sha, externalId: view.id }
      return attempt(`The check of build ${subject}`, () =>
        writeCheck(octokit, target, renderCheck(view), { remote, remember }),
      )
    },
  }
}
