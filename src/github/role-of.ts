// What somebody may do in a repository, as GitHub says now. Never from author_association, never remembered. When GitHub
// cannot be asked this throws: whoever asked must refuse, and say that it could not check.
import type { RepositoryRef } from '../builds/ports.ts'
import { type Role, rolesInOrder } from '../environments/repository-file.ts'
import { attempt, orNull } from './client/api-error.ts'
import type { Octokit } from './client/client.ts'

interface Deps {
  octokitFor(installationId: number): Promise<{
    rest: { repos: Pick<Octokit['rest']['repos'], 'getCollaboratorPermissionLevel'> }
  }>
}

export type RoleOf = (repository: RepositoryRef, login: string) => Promise<Role>

export function createRoleOf({ octokitFor }: Deps): RoleOf {
  return (repository, login) =>
    attempt(`Checking what ${login} may do in ${repository.owner}/${repository.name}`, async () => {
      const octokit = await octokitFor(repository.installationId)
      const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
        owner: repository.owner,
        repo: repository.name,
        username: login,
      })
      return readRole(data)
    })
}

interface TeamDeps {
  octokitFor(installationId: number): Promise<{
    rest: { teams: Pick<Octokit['rest']['teams'], 'getMembershipForUserInOrg'> }
  }>
}

export type IsInTeam = (repository: RepositoryRef, team: string, login: string) => Promise<boolean>

/** Also through a child team, which GitHub counts. Of the repository's own organisation only; the App needs `members: read`. */
export function createIsInTeam({ octokitFor }: TeamDeps): IsInTeam {
  return async (repository, team, username) => {
    const [org = '', team_slug = ''] = team.split('/')
    if (org.toLowerCase() !== repository.owner.toLowerCase()) return false
    const { rest } = await octokitFor(repository.installationId)
    const membership = await orNull(`Checking whether ${username} is in the team ${team}`, () =>
      rest.teams.getMembershipForUserInOrg({ org, team_slug, username }),
    )
    return membership?.data.state === 'active'
  }
}

interface Level {
  /** Folds maintain into write and triage into read: the last thing to look at. */
  permission: string
  /** May name a custom role, which is none of ours. */
  role_name?: string
  user?: { permissions?: Partial<Record<'admin' | 'maintain' | 'push' | 'triage' | 'pull', boolean>> } | null
}

export function readRole({ permission, role_name, user }: Level): Role {
  const known = (name: string | undefined) => rolesInOrder.find(role => role === name)
  return known(role_name) ?? fromPermissions(user?.permissions) ?? known(permission) ?? 'none'
}

type Permissions = NonNullable<NonNullable<Level['user']>['permissions']>

function fromPermissions(permissions: Permissions | undefined): Role | null {
  if (!permissions) return null
  const { admin, maintain, push, triage, pull } = permissions
  if (admin) return 'admin'
  if (maintain) return 'maintain'
  if (push) return 'write'
  if (triage) return 'triage'
  return pull ? 'read' : 'none'
}
