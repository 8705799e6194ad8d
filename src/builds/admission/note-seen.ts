// Remembers the head a pull request was seen with. Where nothing is built of it, because it is a stranger's or because previews
// are off, its check is to say why.
import { lockRepository, type Repository, repositoryFileOf } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import type { Pull } from '../ports.ts'
import { noteHead } from './pull-heads-store.ts'
import { isRestricted } from './restricted.ts'

export function noteSeen(core: Core, repository: Repository, pull: Pull): Promise<void> {
  const { number, head, updatedAt: seenAt } = pull
  const restricted = isRestricted(pull)
  return core.db.transaction(async tx => {
    await lockRepository(tx, repository.id)
    const isNew = await noteHead(tx, {
      repositoryId: repository.id,
      number,
      sha: head.sha,
      seenAt,
      restricted,
    })
    if (!isNew || (!restricted && repositoryFileOf(repository).previews.enabled)) return
    await core.append(tx, {
      type: 'pull_request.held',
      repositoryId: repository.id,
      pullNumber: number,
      actor: pull.author,
      data: { sha: head.sha },
    })
  })
}
