// Installing an App on an account, choosing its repositories, suspending and uninstalling it.
import { HttpError, need } from '../http/reply.ts'
import { emitInstallation } from './events.ts'
import { formatRepositoryName } from './payloads/repository.ts'
import { ownerLogin } from './repositories.ts'
import type { App, Installation, Repository } from './state.ts'
import { covers, findAccount, nextId, now, type World } from './world.ts'

export function installApp(
  world: World,
  app: App,
  account: string,
  repositories: Repository[] | null,
  login?: string,
): Installation {
  const target = need(findAccount(world, account), 404, `There is no account ${account}`)
  if (findInstallation(world, app, target.login))
    throw new HttpError(422, `${app.name} is already installed there`)
  const installation: Installation = {
    id: nextId(world),
    app: app.id,
    account: target.login,
    repositories: repositories ? repositories.map(repository => repository.id) : null,
    suspendedAt: null,
    suspendedBy: null,
    createdAt: now(),
    updatedAt: now(),
  }
  world.state.installations.push(installation)
  announce(world, installation, 'created', login, { repositories: namesOf(world, installation) })
  return installation
}

export function findInstallation(world: World, app: App, account: string): Installation | undefined {
  return world.state.installations.find(
    candidate => candidate.app === app.id && candidate.account.toLowerCase() === account.toLowerCase(),
  )
}

export function repositoriesOf(world: World, installation: Installation): Repository[] {
  return world.state.repositories.filter(repository => covers(installation, repository))
}

const namesOf = (world: World, installation: Installation) =>
  repositoriesOf(world, installation).map(formatRepositoryName)

function announce(
  world: World,
  installation: Installation,
  action: string,
  login: string | undefined,
  body: Record<string, unknown>,
  event = 'installation',
): void {
  const sender = login ?? ownerLogin(world, { owner: installation.account })
  emitInstallation(world, installation, { event, action, sender, body })
}

export function uninstall(world: World, installation: Installation, login?: string): void {
  announce(world, installation, 'deleted', login, { repositories: namesOf(world, installation) })
  world.state.installations.splice(world.state.installations.indexOf(installation), 1)
  for (const [token, owner] of Object.entries(world.state.tokens)) {
    if (owner.kind === 'installation' && owner.installation === installation.id)
      delete world.state.tokens[token]
  }
  world.save()
}

export function suspend(world: World, installation: Installation, login?: string): void {
  if (installation.suspendedAt) return
  installation.suspendedAt = now()
  installation.suspendedBy = login ?? ownerLogin(world, { owner: installation.account })
  announce(world, installation, 'suspend', login, { repositories: namesOf(world, installation) })
}

export function unsuspend(world: World, installation: Installation, login?: string): void {
  if (!installation.suspendedAt) return
  installation.suspendedAt = null
  installation.suspendedBy = null
  announce(world, installation, 'unsuspend', login, { repositories: namesOf(world, installation) })
}

/** null chooses all repositories of the account; a list exactly those. */
export function chooseRepositories(
  world: World,
  installation: Installation,
  chosen: Repository[] | null,
  login?: string,
): void {
  const before = repositoriesOf(world, installation)
  installation.repositories = chosen ? chosen.map(repository => repository.id) : null
  installation.updatedAt = now()
  const after = repositoriesOf(world, installation)
  const added = after.filter(repository => !before.includes(repository))
  const removed = before.filter(repository => !after.includes(repository))
  if (added.length > 0) announceChoice(world, installation, 'added', added, [], login)
  if (removed.length > 0) announceChoice(world, installation, 'removed', [], removed, login)
  world.save()
}

function announceChoice(
  world: World,
  installation: Installation,
  action: 'added' | 'removed',
  added: Repository[],
  removed: Repository[],
  login: string | undefined,
): void {
  const body = {
    repository_selection: installation.repositories ? 'selected' : 'all',
    repositories_added: added.map(formatRepositoryName),
    repositories_removed: removed.map(formatRepositoryName),
    requester: null,
  }
  announce(world, installation, action, login, body, 'installation_repositories')
}
