// The App about itself: who it is, where it is installed, tokens for an installation, the manifest conversion.
import * as z from 'zod'
import { created, HttpError, need, noContent } from '../../http/reply.ts'
import { newToken } from '../accounts.ts'
import { redeemCode } from '../apps.ts'
import { findInstallation, repositoriesOf, suspend, uninstall, unsuspend } from '../installations.ts'
import { formatApp, formatInstallation } from '../payloads/account.ts'
import { formatRepository } from '../payloads/repository.ts'
import { grants } from '../permission.ts'
import type { Installation, Permissions } from '../state.ts'
import { appById, covers, findRepository, type World } from '../world.ts'
import { type Api, type ApiRoutes, appOf, bodyOf, pageOf } from './call.ts'

export function addApps(routes: ApiRoutes): void {
  routes.add('GET', '/app', call => formatApp(call.world, appOf(call)))
  routes.add('GET', '/apps/:slug', call =>
    formatApp(call.world, need(call.world.state.apps.find(app => app.slug === call.params.slug))),
  )
  routes.add('GET', '/app/installations', call => {
    const app = appOf(call)
    const own = call.world.state.installations.filter(installation => installation.app === app.id)
    return pageOf(call, own).map(installation => formatInstallation(call.world, installation))
  })
  routes.add('GET', '/app/installations/:id', call =>
    formatInstallation(call.world, ownInstallation(call, call.params.id)),
  )
  routes.add('DELETE', '/app/installations/:id', call => {
    uninstall(call.world, ownInstallation(call, call.params.id))
    return noContent()
  })
  routes.add('PUT', '/app/installations/:id/suspended', call => {
    suspend(call.world, ownInstallation(call, call.params.id))
    return noContent()
  })
  routes.add('DELETE', '/app/installations/:id/suspended', call => {
    unsuspend(call.world, ownInstallation(call, call.params.id))
    return noContent()
  })
  routes.add('POST', '/app-manifests/:code/conversions', call =>
    convertManifest(call.world, call.params.code),
  )
  addLookups(routes)
  addTokens(routes)
}

function ownInstallation(call: Api, id: string): Installation {
  const app = appOf(call)
  const found = call.world.state.installations.find(({ id: known }) => String(known) === id)
  return need(found?.app === app.id ? found : null)
}

function addLookups(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/installation', call => {
    const app = appOf(call)
    const repository = need(findRepository(call.world, `${call.params.owner}/${call.params.repo}`))
    const found = call.world.state.installations.find(
      installation => installation.app === app.id && covers(installation, repository),
    )
    return formatInstallation(call.world, need(found))
  })
  routes.add('GET', '/orgs/:account/installation', call => byAccount(call, call.params.account))
  routes.add('GET', '/users/:account/installation', call => byAccount(call, call.params.account))
}

function byAccount(call: Api, account: string) {
  return formatInstallation(call.world, need(findInstallation(call.world, appOf(call), account)))
}

const tokenSchema = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
})

function addTokens(routes: ApiRoutes): void {
  routes.add('POST', '/app/installations/:id/access_tokens', call => {
    const installation = ownInstallation(call, call.params.id)
    if (installation.suspendedAt) throw new HttpError(403, 'This installation has been suspended')
    return created(createToken(call.world, installation, bodyOf(call, tokenSchema)))
  })
  routes.add('DELETE', '/installation/token', call => {
    const token = (call.headers.authorization ?? '').split(' ')[1] ?? ''
    delete call.world.state.tokens[token]
    return noContent()
  })
  routes.add('GET', '/installation/repositories', call => {
    if (call.auth.kind !== 'installation')
      throw new HttpError(403, 'Resource not accessible by personal access token')
    const { repositories, installation } = call.auth
    const all = repositoriesOf(call.world, installation).filter(
      ({ id }) => repositories?.includes(id) ?? true,
    )
    return {
      total_count: all.length,
      repository_selection: installation.repositories ? 'selected' : 'all',
      repositories: pageOf(call, all).map(repository => formatRepository(call.world, repository)),
    }
  })
}

function createToken(world: World, installation: Installation, wanted: z.infer<typeof tokenSchema>) {
  const permissions = allowed(appById(world, installation.app).permissions, wanted.permissions)
  const repositories = chosen(world, installation, wanted)
  const token = newToken('ghs_')
  const expiresAt = Date.now() + 3_600_000
  world.state.tokens[token] = {
    kind: 'installation',
    installation: installation.id,
    permissions,
    repositories: repositories?.map(({ id }) => id) ?? null,
    expiresAt,
  }
  world.save()
  return {
    token,
    expires_at: new Date(expiresAt).toISOString(),
    permissions,
    repository_selection: installation.repositories || repositories ? 'selected' : 'all',
    ...(repositories
      ? { repositories: repositories.map(repository => formatRepository(world, repository)) }
      : {}),
  }
}

function allowed(granted: Permissions, wanted: Permissions | undefined): Permissions {
  if (!wanted) return granted
  const excess = Object.entries(wanted).find(
    ([name, access]) => !grants(granted[name], access === 'read' ? 'read' : 'write'),
  )
  if (excess) throw new HttpError(422, 'The permissions requested are not granted to this installation.')
  return { metadata: 'read', ...wanted }
}

function chosen(world: World, installation: Installation, wanted: z.infer<typeof tokenSchema>) {
  if (!wanted.repositories && !wanted.repository_ids) return null
  const all = repositoriesOf(world, installation)
  const found = all.filter(
    ({ id, name }) => wanted.repository_ids?.includes(id) || wanted.repositories?.includes(name),
  )
  const count = (wanted.repositories?.length ?? 0) + (wanted.repository_ids?.length ?? 0)
  if (found.length >= count) return found
  throw new HttpError(
    422,
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
  )
}

function convertManifest(world: World, code: string) {
  const app = appById(world, need(redeemCode(world, 'manifest', code)).app)
  return created({
    ...formatApp(world, app),
    client_secret: app.clientSecret,
    webhook_secret: app.webhookSecret,
    pem: app.privateKey,
  })
}
