// Reporter: the check of a pull request's commit of which nothing is built: a stranger's, before somebody approves it, or any
// where previews are off. Named like the build's that may follow and take its place. Subject: `<repository id>@<sha>@<number>`.
import { isApproved, isRestrictedHead } from '../../../builds/admission/pull-heads-store.ts'
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
      if (!repository) return remote
      const { enabled, forks } = repositoryFileOf(repository).previews
      const pull = { repositoryId: repository.id, number: Number(number) }
      // Once it is built, the check of its build says what there is to say.
      if (enabled && !(await waits(db, pull, sha))) return remote
      const place = placeOf({ ...repository, reachable: await isReachable(db, repository.id) })
      const octokit = await octokitFor(repository.installationId)
      const name = nameOfPreview(Number(number))
      const state = enabled ? renderApprovalCheck(name, sha, forks) : renderPreviewsOff(name)
      return attempt(`The check of the unbuilt ${subject}`, () =>
        writeCheck(octokit, { place, sha, externalId: 'approval' }, state, { remote, remember }),
      )
    },
  }
}

async function waits(db: Db, pull: Parameters<typeof isApproved>[1], sha: string): Promise<boolean> {
  return (await isRestrictedHead(db, pull, sha)) && !(await isApproved(db, pull, sha))
}

const file = codeSpan('.github/sluice.yml')
const nothingBuilt = {
  ...{ status: 'completed', conclusion: 'neutral', startedAt: null, completedAt: null },
  ...{ text: null, annotations: [], actions: [] },
} satisfies Partial<CheckState>

export function renderPreviewsOff(preview: string): CheckState {
  return {
    ...nothingBuilt,
    name: checkName(preview),
    title: 'Not built: previews are off',
    summary: `${codeSpan('previews.enabled')} is ${codeSpan('false')} in ${file} of the default branch, so nothing is built of pull requests. What is merged is built on its branch.`,
  }
}

export function renderApprovalCheck(preview: string, sha: string, forks: 'approve' | 'never'): CheckState {
  return {
    ...nothingBuilt,
    name: checkName(preview),
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
  }
}
