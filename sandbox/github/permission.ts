// Who may do what. A person's role in a repository comes from owning it, the organisation, a collaboration or the
// repository being public; an installation's from what its App was granted.
import type { Installation, Permissions, Repository, Role } from './state.ts'
import { findAccount, type World } from './world.ts'

export type Auth =
  | { kind: 'anonymous' }
  | { kind: 'user'; login: string }
  | { kind: 'app'; app: number }
  | {
      kind: 'installation'
      installation: Installation
      permissions: Permissions
      repositories: number[] | null
    }

const rank: Record<Role, number> = { none: 0, read: 1, triage: 2, write: 3, maintain: 4, admin: 5 }

export const atLeast = (role: Role, wanted: Role) => rank[role] >= rank[wanted]

export function roleOf(world: World, repository: Repository, login: string): Role {
  if (repository.owner.toLowerCase() === login.toLowerCase()) return 'admin'
  const account = findAccount(world, login)
  if (!account) return 'none'
  const owner = findAccount(world, repository.owner)
  const membership = owner?.members[account.login]
  if (membership === 'admin') return 'admin'
  const candidates: Role[] = [
    repository.collaborators[account.login] ?? 'none',
    membership === 'member' ? 'read' : 'none',
    repository.private ? 'none' : 'read',
  ]
  return candidates.reduce((best, role) => (atLeast(role, best) ? role : best))
}

/** GitHub's own, unreliable summary of the relation; rules must not rest on it. */
export function association(world: World, repository: Repository, login: string): string {
  if (repository.owner === login) return 'OWNER'
  if (findAccount(world, repository.owner)?.members[login]) return 'MEMBER'
  return repository.collaborators[login] ? 'COLLABORATOR' : 'NONE'
}

export type Access = 'read' | 'write'

/** May the caller see the repository at all? */
export function canSee(world: World, auth: Auth, repository: Repository): boolean {
  if (!repository.private) return auth.kind !== 'app'
  if (auth.kind === 'installation') return reaches(auth, repository)
  return auth.kind === 'user' && roleOf(world, repository, auth.login) !== 'none'
}

export function can(
  world: World,
  auth: Auth,
  repository: Repository,
  permission: string,
  access: Access,
): boolean {
  if (auth.kind === 'installation') {
    if (!reaches(auth, repository)) return access === 'read' && !repository.private
    return grants(auth.permissions[permission], access)
  }
  if (auth.kind === 'user') return atLeast(roleOf(world, repository, auth.login), access)
  return auth.kind === 'anonymous' && access === 'read' && !repository.private
}

export function grants(granted: string | undefined, access: Access): boolean {
  return granted === 'admin' || granted === 'write' || granted === access
}

function reaches(auth: Auth & { kind: 'installation' }, repository: Repository): boolean {
  if (auth.installation.account !== repository.owner) return false
  const lists = [auth.installation.repositories, auth.repositories]
  return lists.every(list => list === null || list.includes(repository.id))
}
