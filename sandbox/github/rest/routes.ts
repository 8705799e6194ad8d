// The table of the REST API, in the order it is searched.
import { HttpError } from '../../http/reply.ts'
import { Routes } from '../../http/routes.ts'
import { addApps } from './apps.ts'
import type { Api, ApiRoutes } from './call.ts'
import { addChecks } from './checks.ts'
import { addCommits, addSingleCommit } from './commits.ts'
import { addContents } from './contents.ts'
import { addDeployments } from './deployments.ts'
import { addHook } from './hook.ts'
import { addIssues } from './issues.ts'
import { addPulls } from './pulls.ts'
import { addReactions } from './reactions.ts'
import { addRefs } from './refs.ts'
import { addRepositories } from './repositories.ts'
import { addTeams } from './teams.ts'
import { addUsers } from './users.ts'

export function restRoutes(): ApiRoutes {
  const routes: ApiRoutes = new Routes<Api>()
  addMeta(routes)
  addApps(routes)
  addHook(routes)
  addUsers(routes)
  addTeams(routes)
  addRepositories(routes)
  addRefs(routes)
  addChecks(routes)
  addCommits(routes)
  addContents(routes)
  addPulls(routes)
  addReactions(routes)
  addIssues(routes)
  addDeployments(routes)
  addSingleCommit(routes)
  return routes
}

/** As a GitHub Enterprise Server answers. */
function addMeta(routes: ApiRoutes): void {
  routes.add('GET', '/', call => ({ current_user_url: `${call.world.apiUrl}/user` }))
  routes.add('GET', '/meta', () => ({
    verifiable_password_authentication: true,
    installed_version: '3.17.0',
  }))
  routes.add('GET', '/zen', () => ({ zen: 'Practicality beats purity.' }))
  routes.add('GET', '/rate_limit', () => {
    throw new HttpError(404, 'Rate limiting is not enabled.')
  })
}
