// Reporter: the checks of a group of the merge queue, named like those of its base branch's environments and of its pull request's
// preview. Subject: `<repository id>@<sha>@<the group's ref>`.
import type { Db } from '../../../db/client.ts'
import { nameOfPreview, resolveEnvironments } from '../../../environments/resolve.ts'
import {
  findRepository,
  listOpenEnvironments,
  type Repository,
  repositoryFileOf,
} from '../../../environments/store.ts'
import type { Remote, Reporter } from '../../../events/reporter.ts'
import { attempt } from '../../client/api-error.ts'
import { isReachable } from '../../store.ts'
import { placeOf } from '../place.ts'
import { readGroupRef, renderMergeCheck } from './merge-queue.ts'
import { checkName } from './render-check.ts'
import { type Checks, writeCheck } from './write-check.ts'

interface Deps {
  db: Db
  octokitFor(installationId: number): Promise<Checks>
}

/** Of all checks on merge groups: no build's id. */
export const mergeGroupId = 'merge-group'

export function createMergeCheckReporter({ db, octokitFor }: Deps): Reporter {
  return {
    async write({ subject, remote, remember }) {
      const [id = '', sha = '', ...ref] = subject.split('@')
      const group = readGroupRef(ref.join('@'))
      const repository = await findRepository(db, Number(id))
      if (!repository || !group) return remote
      const place = placeOf({ ...repository, reachable: await isReachable(db, repository.id) })
      const octokit = await octokitFor(repository.installationId)
      return attempt(`The checks of merge group ${subject}`, async () => {
        const target = { place, sha, externalId: mergeGroupId }
        let written = remote
        for (const name of await checkNames(db, repository, group)) {
          const keep = (one: Remote) => ({ ...written, [name]: one })
          const own = await writeCheck(octokit, target, renderMergeCheck(name, group.base), {
            remote: remoteOf(written[name]),
            remember: one => remember(keep(one)),
          })
          written = keep(own)
        }
        return written
      })
    },
  }
}

function remoteOf(kept: unknown): Remote {
  return typeof kept === 'object' && kept !== null ? { ...kept } : {}
}

/** Environments that the base branch has, would have with its first push, and the preview. */
async function checkNames(
  db: Db,
  repository: Repository,
  { base, pullNumber }: { base: string; pullNumber: number },
): Promise<string[]> {
  const open = await listOpenEnvironments(db, repository.id)
  const own = open.filter(one => one.kind === 'branch' && one.branch === base).map(one => one.name)
  const landings = resolveEnvironments(repositoryFileOf(repository), repository.defaultBranch, base)
  const coming = landings.filter(
    ({ name, otherName }) => !own.includes(name) && !own.includes(otherName ?? ''),
  )
  const names = [...own, ...coming.map(({ name }) => name), nameOfPreview(pullNumber)]
  return names.map(checkName)
}
