// What somebody may do in a repository: asked of GitHub with the App's rights, believed for a few minutes for looking, and asked
// anew before anything is changed. In a public repository everybody may read on GitHub; what its functions were called
// with is not for everybody, so there it takes more than that to see it.
import type { RepositoryRef } from '../../builds/ports.ts'
import { isAtLeast } from '../../commands/permissions.ts'
import type { Role } from '../../environments/repository-file.ts'
import type { Repository } from '../../environments/store.ts'
import { AppError, messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'

export interface AskGithub {
  /** Throws when GitHub cannot be asked. */
  roleOf(repository: RepositoryRef, login: string): Promise<Role>
  isInTeam(repository: RepositoryRef, team: string, login: string): Promise<boolean>
}

export interface Rights {
  /** At most five minutes old. */
  roleIn(repository: Repository, login: string): Promise<Role>
  /** As GitHub says now. */
  roleNow(repository: Repository, login: string): Promise<Role>
  isInTeam: AskGithub['isInTeam']
}

const believedMs = 5 * 60_000
const mostRemembered = 20_000

export const leastToSee = (repository: Pick<Repository, 'private'>): Role =>
  repository.private ? 'read' : 'triage'

export function maySee(repository: Pick<Repository, 'private'>, role: Role): boolean {
  return isAtLeast(role, leastToSee(repository))
}

export function createRights(github: AskGithub, log: Log, clock = Date.now): Rights {
  const known = new Map<string, { role: Promise<Role>; at: number }>()
  const keyOf = (repository: Repository, login: string) => `${repository.id} ${login.toLowerCase()}`

  function roleNow(repository: Repository, login: string): Promise<Role> {
    const key = keyOf(repository, login)
    const role = github.roleOf(repository, login).catch(error => {
      known.delete(key)
      log.warn({ error, repository: repository.id, login }, `the role of ${login}: ${messageOf(error)}`)
      throw new AppError(
        'unavailable',
        'GitHub could not be asked what you may do here. Try again in a while.',
      )
    })
    known.delete(key)
    known.set(key, { role, at: clock() })
    for (const oldest of known.keys()) {
      if (known.size <= mostRemembered) break
      known.delete(oldest)
    }
    return role
  }
  return {
    roleNow,
    isInTeam: github.isInTeam,
    roleIn(repository, login) {
      const before = known.get(keyOf(repository, login))
      return before && clock() - before.at < believedMs ? before.role : roleNow(repository, login)
    },
  }
}
