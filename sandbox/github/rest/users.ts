// People over REST: who am I, who is that, which installations and organisations can I reach.
import { HttpError, need, noContent } from '../../http/reply.ts'
import { organizationsOf } from '../accounts.ts'
import { repositoriesOf } from '../installations.ts'
import { formatAccount, formatInstallation, formatOrganization } from '../payloads/account.ts'
import { formatRepository } from '../payloads/repository.ts'
import { roleOf } from '../permission.ts'
import type { Installation } from '../state.ts'
import { findAccount, type World } from '../world.ts'
import { type Api, type ApiRoutes, byId, pageOf } from './call.ts'

function caller(call: Api): string {
  if (call.auth.kind === 'user') return call.auth.login
  if (call.auth.kind === 'anonymous') throw new HttpError(401, 'Requires authentication')
  throw new HttpError(403, 'Resource not accessible by integration')
}

function profile(world: World, login: string) {
  const account = need(findAccount(world, login))
  const { name, email, createdAt } = account
  return { ...formatAccount(world, account.login), name, email, created_at: createdAt, updated_at: createdAt }
}

export function addUsers(routes: ApiRoutes): void {
  routes.add('GET', '/user', call => profile(call.world, caller(call)))
  routes.add('GET', '/users/:login', call => profile(call.world, call.params.login))
  routes.add('GET', '/user/emails', call => [
    {
      email: findAccount(call.world, caller(call))?.email,
      primary: true,
      verified: true,
      visibility: 'public',
    },
  ])
  routes.add('GET', '/user/orgs', call =>
    pageOf(call, organizationsOf(call.world, caller(call))).map(found =>
      formatOrganization(call.world, found),
    ),
  )
  routes.add('GET', '/orgs/:org', call =>
    formatOrganization(call.world, need(findAccount(call.world, call.params.org))),
  )
  routes.add('GET', '/orgs/:org/members/:login', call => {
    need(findAccount(call.world, call.params.org)?.members[call.params.login])
    return noContent()
  })
  routes.add('GET', '/orgs/:org/memberships/:login', call => {
    const role = need(findAccount(call.world, call.params.org)?.members[call.params.login])
    return { state: 'active', role, user: formatAccount(call.world, call.params.login) }
  })
  addInstallations(routes)
}

function reachable(world: World, installation: Installation, login: string): boolean {
  return repositoriesOf(world, installation).some(repository => roleOf(world, repository, login) !== 'none')
}

function addInstallations(routes: ApiRoutes): void {
  routes.add('GET', '/user/installations', call => {
    const login = caller(call)
    const found = call.world.state.installations.filter(installation =>
      reachable(call.world, installation, login),
    )
    const installations = pageOf(call, found).map(installation =>
      formatInstallation(call.world, installation),
    )
    return { total_count: found.length, installations }
  })
  routes.add('GET', '/user/installations/:id/repositories', call => {
    const login = caller(call)
    const all = repositoriesOf(call.world, byId(call.world.state.installations, call.params.id))
    const seen = all.filter(repository => roleOf(call.world, repository, login) !== 'none')
    const repositories = pageOf(call, seen).map(repository => formatRepository(call.world, repository))
    return { total_count: seen.length, repositories }
  })
}
