// Reporter: the check of a stranger's commit that is not built before somebody approves it, named like the build's that may
// follow and take its place. Subject: `<repository id>@<sha>@<number>`.
import { isApproved } from '../../../builds/admission/pull-heads-store.ts'
import type { Db } from '../../../db/client.ts'
import { nameOfPreview } from '../../../environments/resolve.ts'
import { findRepository, repositoryFileOf } from '../../../environments/store.ts'
import type { Reporter } from '../../../events/reporter.ts'
import { attempt } from '../../client/api-error.ts'
import { isReachable } from '../../store.ts'
import { codeSpan } from '../markdown.ts'
import { placeOf } from '../place.ts'
import { type CheckState, checkName } from './render-check.ts'
import { type Checks, writeCheck } from './write-check.ts'

interface Deps {
  db: Db
  octokitFor(installationId: number): Promise<Checks>
}

export function createApprovalCheckReporter({ db, octokitFor }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const [id = '', sha = '', number = ''] = subject.split('@')
      const repository = await findRepository(db, Number(id))
      // Once approved, the check of its build says what there is to say.
      if (!repository || (await isApproved(db, { repositoryId: repository.id, number: Number(number) }, sha)))
        return remote
      const place = placeOf({ ...repository, reachable: await isReachable(db, repository.id) })
      const octokit = await octokitFor(repository.installationId)
      const { forks } = repositoryFileOf(repository).previews
      const state = renderApprovalCheck(nameOfPreview(Number(number)), sha, forks)
      return attempt(`The check of the unapproved ${subject}`, () =>
        writeCheck(octokit, { place, sha, externalId: 'approval' }, state, { remote, remember }),
      )
    },
  }
}

export function renderApprovalCheck(preview: string, sha: string, forks: 'approve' | 'never'): CheckState {
  const file = codeSpan('.github/sluice.yml')
  return {
    name: checkName(preview),
    status: 'completed',
    conclusion: 'neutral',
    startedAt: null,
    completedAt: null,
    title: forks === 'never' ? 'Not built: it comes from outside' : 'Not built: it waits for an approval',
    summary:
      forks === 'never'
        ? `This commit comes from a fork or from Dependabot, and ${codeSpan('previews.forks')} is ${codeSpan('never')} in ${file} of the default branch. Nothing of it is built or run.`
        : [
            'This commit comes from a fork or from Dependabot: nothing of it is built or run before somebody who may write here has looked at it. To build exactly this commit, comment on the pull request:',
            '',
            codeSpan(`/approve ${sha}`),
            '',
            'It is built with the configuration of the base, in an environment of its own, without any variable or secret. Another push takes another approval.',
          ].join('\n'),
    text: null,
    annotations: [],
    actions: [],
  }
}
