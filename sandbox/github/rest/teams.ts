// Teams over REST: whether somebody is in one. An App needs to have been granted the organisation's members.
import { HttpError, need } from '../../http/reply.ts'
import { grants } from '../permission.ts'
import { membershipIn } from '../teams.ts'
import { findAccount } from '../world.ts'
import type { Api, ApiRoutes } from './call.ts'

export function addTeams(routes: ApiRoutes): void {
  routes.add('GET', '/orgs/:org/teams/:slug/memberships/:login', call => {
    const { org, slug, login } = call.params
    requireMembers(call, org)
    const membership = need(membershipIn(call.world, org, slug, login))
    return { url: `${call.world.apiUrl}/orgs/${org}/teams/${slug}/memberships/${login}`, ...membership }
  })
}

function requireMembers({ world, auth }: Api, org: string): void {
  if (auth.kind === 'user' && findAccount(world, org)?.members[auth.login]) return
  const isInstalled =
    auth.kind === 'installation' && auth.installation.account.toLowerCase() === org.toLowerCase()
  if (!isInstalled) throw new HttpError(404, 'Not Found')
  if (!grants(auth.permissions.members, 'read'))
    throw new HttpError(403, 'Resource not accessible by integration')
}
