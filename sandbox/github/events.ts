// Turns what happened into webhook deliveries: one per installed App that subscribes, the payload frozen now.
import { formatAccount, formatInstallation, formatOrganization } from './payloads/account.ts'
import { formatRepository } from './payloads/repository.ts'
import { grants } from './permission.ts'
import type { App, Installation, Repository } from './state.ts'
import { appById, findAccount, installationsOf, type World } from './world.ts'

export type Event = {
  event: string
  action?: string
  sender: string
  body: Record<string, unknown>
  /** Only this App hears of it: requests about its own checks. */
  onlyApp?: number
}

export function emit(world: World, repository: Repository, event: Event): void {
  for (const installation of installationsOf(world, repository)) {
    const app = appById(world, installation.app)
    if (event.onlyApp !== undefined && event.onlyApp !== app.id) continue
    if (subscribes(app, event))
      queue(world, installation, event, repositoryPart(world, repository, event), repository)
  }
  world.save()
}

/** Checks a person asks for reach every App that may write checks, subscribed or not. */
function subscribes(app: App, { event, action }: Event): boolean {
  if (app.events.includes(event)) return true
  const asked = action === 'requested' || action === 'rerequested' || action === 'requested_action'
  return (
    asked && (event === 'check_suite' || event === 'check_run') && grants(app.permissions.checks, 'write')
  )
}

function repositoryPart(world: World, repository: Repository, event: Event) {
  const owner = findAccount(world, repository.owner)
  return {
    repository: event.body.repository ?? formatRepository(world, repository),
    ...(owner?.type === 'Organization' ? { organization: formatOrganization(world, owner) } : {}),
  }
}

function queue(
  world: World,
  installation: Installation,
  event: Event,
  more: Record<string, unknown>,
  repository: Repository | null,
): void {
  const payload = {
    ...(event.action ? { action: event.action } : {}),
    installation: { id: installation.id, node_id: `MDIz${installation.id}` },
    ...event.body,
    ...more,
    sender: formatAccount(world, event.sender),
  }
  world.deliveries.queue({
    app: installation.app,
    event: event.event,
    action: event.action ?? null,
    installationId: installation.id,
    repositoryId: repository?.id ?? null,
    payload: JSON.stringify(payload),
  })
}

/** Events about the installation itself reach its App always. */
export function emitInstallation(world: World, installation: Installation, event: Event): void {
  const account = findAccount(world, installation.account)
  const organization =
    account?.type === 'Organization' ? { organization: formatOrganization(world, account) } : {}
  const body = { ...event.body, installation: formatInstallation(world, installation) }
  queue(world, installation, { ...event, body }, organization, null)
  world.save()
}
