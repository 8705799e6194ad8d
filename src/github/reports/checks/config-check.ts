// Reporter: the check of the repository file on the commit that changed it. Subject: `<repository id>@<sha>`.
import type { Db } from '../../../db/client.ts'
import { findRepository } from '../../../environments/store.ts'
import type { Reporter } from '../../../events/reporter.ts'
import { attempt } from '../../client/api-error.ts'
import { isReachable } from '../../store.ts'
import { placeOf } from '../place.ts'
import { renderConfigCheck } from './render-config-check.ts'
import { type Checks, writeCheck } from './write-check.ts'

interface Deps {
  db: Db
  octokitFor(installationId: number): Promise<Checks>
}

export function createConfigCheckReporter({ db, octokitFor }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const [id = '', sha = ''] = subject.split('@')
      const repository = await findRepository(db, Number(id))
      if (!repository) return remote
      const problems = problemsAt(repository, sha)
      // A newer commit's file has been read since: this commit's check keeps what it said.
      if (!problems) return remote
      const place = placeOf({ ...repository, reachable: await isReachable(db, repository.id) })
      const octokit = await octokitFor(repository.installationId)
      const state = renderConfigCheck(problems, repository.config !== null)
      return attempt(`The configuration check of ${subject}`, () =>
        writeCheck(octokit, { place, sha, externalId: 'configuration' }, state, { remote, remember }),
      )
    },
  }
}

type Repository = NonNullable<Awaited<ReturnType<typeof findRepository>>>
type Problems = Parameters<typeof renderConfigCheck>[0]

function problemsAt(repository: Repository, sha: string): Problems | null {
  // They were stored by environments/store.ts in exactly this shape.
  if (repository.configProblemsSha === sha) return repository.configProblems as Problems
  return repository.configSha === sha ? [] : null
}
