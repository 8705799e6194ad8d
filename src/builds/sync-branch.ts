// Brings a branch's environments to its head. Asked by every push, but it reads the head itself: so repeated, reordered and
// lost pushes come to the same end. After admitting it looks again: had the head moved in between, that one is admitted
// too, and with the higher number, so that the last head is what goes live.
import { openEnvironment } from '../environments/open.ts'
import { resolveEnvironments } from '../environments/resolve.ts'
import { findRepository, repositoryFileOf } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { admit } from './admit.ts'
import type { Commit, Source } from './ports.ts'
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
    await admitHead(deps, repositoryId, branch, head)
    admitted = head.sha
  }
}

async function admitHead(deps: Deps, repositoryId: number, branch: string, head: Commit): Promise<void> {
  const known = await findRepository(deps.core.db, repositoryId)
  if (!known) return
  const repository = branch === known.defaultBranch ? await readConfiguration(deps, known, head.sha) : known
  const landings = resolveEnvironments(repositoryFileOf(repository), repository.defaultBranch, branch)
  for (const landing of landings) {
    const environment = await openEnvironment(deps.core, { repositoryId, landing, pullNumber: null })
    const request = { environmentId: environment.id, commit: head, ref: `refs/heads/${branch}`, again: false }
    await admit(deps.core, { ...request, actor: head.author })
  }
}
