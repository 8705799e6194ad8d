// Brings a pull request's preview to what the request is now: open with its head built, or closed. It reads the request
// itself, so events may come twice, late or in any order. The configuration is the base's, never the request's own.
import { openEnvironments } from '../../environments/open.ts'
import { buildSettingsOf } from '../../environments/repository-file.ts'
import { nameOfPreview } from '../../environments/resolve.ts'
import { findRepository, type Repository, repositoryFileOf } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Pull, Source } from '../ports.ts'
import { readTreeIfOfUse } from '../scope/read-tree.ts'
import { admit } from './admit.ts'
import { closePreview } from './close-preview.ts'

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
    if (!wantsPreview(repository, pull)) return
    await admitPreview(deps, repository, pull)
    admitted = pull.head.sha
  }
}

/** Never a fork's: its code is a stranger's, and running it takes an approval that there is no command for yet. */
function wantsPreview(repository: Repository, pull: Pull): boolean {
  return repositoryFileOf(repository).previews.enabled && !pull.head.fromFork
}

async function admitPreview(deps: Deps, repository: Repository, pull: Pull): Promise<void> {
  const { core } = deps
  const file = repositoryFileOf(repository)
  const { root, crons } = file.previews
  const landing = {
    name: nameOfPreview(pull.number),
    otherName: null,
    branch: pull.head.branch,
    root,
    production: false,
    crons,
    watch: [],
    build: buildSettingsOf(file),
    baseBranch: pull.baseBranch,
  }
  const { sha, message, author } = pull.head
  const tree = await readTreeIfOfUse(deps, repository, pull.head.branch, sha)
  const [environment] = await openEnvironments(core, {
    repositoryId: repository.id,
    landings: [landing],
    pullNumber: pull.number,
  })
  if (!environment) return
  const commit = { sha, message: message || pull.title, author: author || pull.author }
  const ref = `refs/pull/${pull.number}/head`
  await admit(core, environment.id, { commit, ref, again: false, actor: pull.author, tree })
}
