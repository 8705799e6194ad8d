// Ends every build that is under way in an environment, because nobody wants its result any more.
import { lockEnvironment } from '../../environments/store.ts'
import type { Core } from '../../events/outbox.ts'
import { isFinished } from '../states.ts'
import { endBuilds, listForAdmission } from './admission-store.ts'

export function cancelBuilds(core: Core, environmentId: string): Promise<void> {
  return core.db.transaction(async tx => {
    const environment = await lockEnvironment(tx, environmentId)
    const known = (await listForAdmission(tx, [environmentId])).get(environmentId) ?? []
    const underWay = known.filter(build => !isFinished(build.state))
    const ended = await endBuilds(
      tx,
      underWay.map(build => build.id),
      'cancelled',
    )
    for (const build of ended) {
      await core.append(tx, {
        type: 'build.cancelled',
        repositoryId: environment.repositoryId,
        environmentId,
        buildId: build.kind === 'commit' ? build.id : null,
        pullNumber: environment.pullNumber,
        actor: 'sluice',
      })
    }
  })
}
