// Brings a pull request's preview to what the request is now: open with its head built, or closed. It reads the request
// itself, so events may come twice, late or in any order. A stranger's is built only once its very head is approved.
import { findRepository, type Repository, repositoryFileOf } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Pull, Source } from '../ports.ts'
import { readTreeIfOfUse } from '../scope/read-tree.ts'
import { admitPreview } from './admit-preview.ts'
import { closePreview } from './close-preview.ts'
import { noteSeen } from './note-seen.ts'
import { isApproved } from './pull-heads-store.ts'
import { isRestricted } from './restricted.ts'

interface Deps {
  core: Core
  source: Source
}

const maxRounds = 20

export async function syncPull(
  deps: Deps,
  { repositoryId, number }: { repositoryId: number; number: number },
): Promise<void> {
  let admitted: string | null = null
  for (let round = 0; round < maxRounds; round++) {
    const repository = await findRepository(deps.core.db, repositoryId)
    if (!repository || repository.removedAt) return
    const pull = await deps.source.pull(repository, number)
    if (!pull) return
    if (!pull.open) {
      await closePreview(deps.core, repositoryId, number, 'the pull request was closed')
      return
    }
    if (pull.head.sha === admitted) return
    await noteSeen(deps.core, repository, pull)
    if (!(await mayBeBuilt(deps.core, repository, pull))) return
    const tree = await readTreeIfOfUse(deps, repository, pull.head.branch, pull.head.sha)
    await admitPreview(deps.core, repository, pull, { tree, again: false, actor: pull.author })
    admitted = pull.head.sha
  }
}

async function mayBeBuilt(core: Core, repository: Repository, pull: Pull): Promise<boolean> {
  const { previews } = repositoryFileOf(repository)
  if (!previews.enabled) return false
  if (!isRestricted(pull)) return true
  const { number } = pull
  return (
    previews.forks === 'approve' &&
    (await isApproved(core.db, { repositoryId: repository.id, number }, pull.head.sha))
  )
}
