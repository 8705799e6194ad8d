// Opens the environments that a branch lands in or that a pull request has, or says that they are open already. Idempotent.
import type { Core } from '../events/outbox.ts'
import type { Landing } from './resolve.ts'
import { type Environment, findEnvironmentsByName, lockRepository, saveEnvironments } from './store.ts'

interface Opening {
  repositoryId: number
  landings: readonly Landing[]
  /** Of the pull request it previews; null: a branch's environments. */
  pullNumber: number | null
}

export function openEnvironments(
  core: Core,
  { repositoryId, landings, pullNumber }: Opening,
): Promise<Environment[]> {
  if (landings.length === 0) return Promise.resolve([])
  return core.db.transaction(async tx => {
    await lockRepository(tx, repositoryId)
    const names = landings.flatMap(({ name, otherName }) => (otherName === null ? [name] : [name, otherName]))
    const there = new Map(
      (await findEnvironmentsByName(tx, repositoryId, names)).map(found => [found.name, found]),
    )
    const saved = await saveEnvironments(
      tx,
      repositoryId,
      landings.map(landing => ({ ...saidOf(landing, there), pullNumber })),
    )
    const opened = saved.filter(({ name }) => there.get(name)?.closedAt !== null)
    const about = { type: 'environment.opened' as const, repositoryId, pullNumber }
    await core.append(tx, ...opened.map(({ id, name }) => ({ ...about, environmentId: id, data: { name } })))
    return saved
  })
}

function saidOf({ otherName, ...said }: Landing, there: ReadonlyMap<string, Environment>) {
  const named = there.get(said.name)
  const isTaken = otherName !== null && named !== undefined && named.branch !== said.branch
  return isTaken ? { ...said, name: otherName } : said
}
