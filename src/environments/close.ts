// Closes an environment: nothing of it is claimed or built any more; what it held stays readable. Idempotent, and safe when
// the close comes early, late, twice: whoever holds the row's lock first does it. Who ends its builds listens to the event.
import type { Core } from '../events/outbox.ts'
import { lockEnvironment, markClosed } from './store.ts'

export function closeEnvironment(
  core: Core,
  { environmentId, actor, reason }: { environmentId: string; actor: string; reason: string },
): Promise<'closed' | 'was_closed'> {
  return core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, environmentId)
    if (environment.closedAt) return 'was_closed'
    await markClosed(tx, environmentId)
    await core.append(tx, {
      type: 'environment.closed',
      repositoryId: environment.repositoryId,
      environmentId,
      buildId: environment.activeBuildId,
      pullNumber: environment.pullNumber,
      actor,
      data: { reason, name: environment.name },
    })
    return 'closed'
  })
}
