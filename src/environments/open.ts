// Opens an environment for a branch or a pull request, or says that it is open already. Idempotent.
import type { Core } from '../events/outbox.ts'
import type { Landing } from './resolve.ts'
import { type Environment, findEnvironmentByName, lockRepository, saveEnvironment } from './store.ts'

interface Opening {
  repositoryId: number
  landing: Landing
  /** Of the pull request it previews; null: a branch's environment. */
  pullNumber: number | null
}

export function openEnvironment(
  core: Core,
  { repositoryId, landing, pullNumber }: Opening,
): Promise<Environment> {
  return core.db.transaction(async tx => {
    await lockRepository(tx, repositoryId)
    const { otherName, ...said } = landing
    const named = await findEnvironmentByName(tx, repositoryId, landing.name)
    const taken = otherName !== null && named !== null && named.branch !== landing.branch
    const name = taken ? otherName : landing.name
    const before = taken ? await findEnvironmentByName(tx, repositoryId, name) : named
    const environment = await saveEnvironment(tx, repositoryId, { ...said, name, pullNumber })
    if (!before || before.closedAt) {
      await core.append(tx, {
        type: 'environment.opened',
        repositoryId,
        environmentId: environment.id,
        pullNumber,
        data: { name },
      })
    }
    return environment
  })
}
