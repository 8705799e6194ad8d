// Brings a branch's environments to its head. Asked by every push, but it reads the head itself: so repeated, reordered and
// lost pushes come to the same end. After admitting it looks again: had the head moved in between, that one is admitted
// too, and with the higher number, so that the last head is what goes live.
import { openEnvironments } from '../../environments/open.ts'
import { resolveEnvironments } from '../../environments/resolve.ts'
import { findRepository, type Repository, repositoryFileOf } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Commit, Source } from '../ports.ts'
import { readTreeIfOfUse } from '../scope/read-tree.ts'
import { admitAll } from './admit.ts'
import { readConfiguration } from './read-configuration.ts'

interface Deps {
  core: Core
  source: Source
}

const maxRounds = 20

export async function syncBranch(
  deps: Deps,
  { repositoryId, branch }: { repositoryId: number; branch: string },
): Promise<void> {
  let admitted: string | null = null
  for (let round = 0; round < maxRounds; round++) {
    const repository = await findRepository(deps.core.db, repositoryId)
    if (!repository || repository.removedAt) return
    const head = await deps.source.head(repository, branch)
    if (!head || head.sha === admitted) return
    await admitHead(deps, repository, branch, head)
    admitted = head.sha
  }
}

async function admitHead(deps: Deps, known: Repository, branch: string, head: Commit): Promise<void> {
  const { core } = deps
  const ofDefaultBranch = branch === known.defaultBranch
  // Two questions to the host at once: an unchanged push is to be answered at once.
  const [repository, tree] = await Promise.all([
    ofDefaultBranch ? readConfiguration(deps, known, head.sha) : known,
    readTreeIfOfUse(deps, known, branch, head.sha),
  ])
  const landings = resolveEnvironments(repositoryFileOf(repository), repository.defaultBranch, branch)
  const opened = await openEnvironments(core, { repositoryId: known.id, landings, pullNumber: null })
  const request = { commit: head, ref: `refs/heads/${branch}`, again: false, actor: head.author, tree }
  await admitAll(
    core,
    opened.map(environment => environment.id),
    request,
  )
}
