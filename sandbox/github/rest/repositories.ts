// Repositories over REST: reading, creating, renaming, transferring, forking, and who may do what in them.
import * as z from 'zod'
import { created, HttpError, json, need, noContent } from '../../http/reply.ts'
import { formatAccount } from '../payloads/account.ts'
import { formatRepository } from '../payloads/repository.ts'
import { atLeast, canSee, roleOf } from '../permission.ts'
import {
  createRepository,
  deleteRepository,
  forkRepository,
  renameRepository,
  transferRepository,
} from '../repositories.ts'
import type { Repository, Role } from '../state.ts'
import { findAccount, type World } from '../world.ts'
import { type Api, type ApiRoutes, actorOf, bodyOf, pageOf, repositoryOf } from './call.ts'

const newSchema = z.object({
  name: z.string(),
  private: z.boolean().optional(),
  description: z.string().nullish(),
})
const editSchema = z.object({
  name: z.string().optional(),
  description: z.string().nullish(),
  default_branch: z.string().optional(),
  private: z.boolean().optional(),
})

export function addRepositories(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo', call => {
    const repository = repositoryOf(call)
    return { ...formatRepository(call.world, repository), permissions: permissionsOf(call, repository) }
  })
  routes.add('PATCH', '/repos/:owner/:repo', call => {
    const repository = administered(call, repositoryOf(call))
    edit(call.world, repository, bodyOf(call, editSchema), actorOf(call))
    return formatRepository(call.world, repository)
  })
  routes.add('DELETE', '/repos/:owner/:repo', call => {
    deleteRepository(call.world, administered(call, repositoryOf(call)), actorOf(call))
    return noContent()
  })
  routes.add('POST', '/repos/:owner/:repo/transfer', call => {
    const repository = administered(call, repositoryOf(call))
    const { new_owner } = bodyOf(call, z.object({ new_owner: z.string() }))
    transferRepository(call.world, repository, new_owner, actorOf(call))
    return json(202, formatRepository(call.world, repository))
  })
  routes.add('POST', '/repos/:owner/:repo/forks', async call => {
    const fork = await forkRepository(call.world, repositoryOf(call), actorOf(call))
    return json(202, formatRepository(call.world, fork))
  })
  addCollaborators(routes)
  addLists(routes)
}

function administered(call: Api, repository: Repository): Repository {
  const { auth } = call
  const admin =
    auth.kind === 'user'
      ? roleOf(call.world, repository, auth.login) === 'admin'
      : auth.kind === 'installation' && auth.permissions.administration === 'write'
  if (!admin) throw new HttpError(403, 'Must have admin rights to Repository.')
  return repository
}

function edit(world: World, repository: Repository, wanted: z.infer<typeof editSchema>, login: string): void {
  if (wanted.name !== undefined && wanted.name !== repository.name) {
    renameRepository(world, repository, wanted.name, login)
  }
  repository.private = wanted.private ?? repository.private
  repository.defaultBranch = wanted.default_branch ?? repository.defaultBranch
  if (wanted.description !== undefined) repository.description = wanted.description
  world.save()
}

function permissionsOf(call: Api, repository: Repository) {
  return call.auth.kind === 'user' ? flags(roleOf(call.world, repository, call.auth.login)) : undefined
}

function flags(role: Role) {
  return {
    admin: atLeast(role, 'admin'),
    maintain: atLeast(role, 'maintain'),
    push: atLeast(role, 'write'),
    triage: atLeast(role, 'triage'),
    pull: atLeast(role, 'read'),
  }
}

// The field that folds five roles into four; `role_name` and `user.permissions` tell the truth.
const folded: Partial<Record<Role, Role>> = { maintain: 'write', triage: 'read' }

function addCollaborators(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/collaborators/:user/permission', call => {
    const repository = repositoryOf(call)
    const { login } = need(findAccount(call.world, call.params.user))
    const role = roleOf(call.world, repository, login)
    const role_name = repository.customRoles?.[login] ?? role
    return {
      permission: folded[role] ?? role,
      role_name,
      user: { ...formatAccount(call.world, login), permissions: flags(role), role_name },
    }
  })
  routes.add('GET', '/repos/:owner/:repo/collaborators', call => {
    const repository = repositoryOf(call, { permission: 'metadata' })
    const people = call.world.state.accounts.filter(({ type, login }) => {
      return type === 'User' && repository.collaborators[login] !== undefined
    })
    return pageOf(call, people).map(({ login }) => ({
      ...formatAccount(call.world, login),
      permissions: flags(roleOf(call.world, repository, login)),
      role_name: roleOf(call.world, repository, login),
    }))
  })
  routes.add('PUT', '/repos/:owner/:repo/collaborators/:user', call => {
    const repository = administered(call, repositoryOf(call))
    const { permission } = bodyOf(call, z.object({ permission: z.string().default('push') }))
    repository.collaborators[call.params.user] = roleFrom(permission)
    call.world.save()
    return noContent()
  })
  routes.add('DELETE', '/repos/:owner/:repo/collaborators/:user', call => {
    delete administered(call, repositoryOf(call)).collaborators[call.params.user]
    call.world.save()
    return noContent()
  })
}

function roleFrom(permission: string): Role {
  const roles: Record<string, Role> = {
    pull: 'read',
    read: 'read',
    triage: 'triage',
    push: 'write',
    write: 'write',
    maintain: 'maintain',
    admin: 'admin',
  }
  return need(roles[permission], 422, `${permission} is not a permission`)
}

function addLists(routes: ApiRoutes): void {
  const listed = (call: Api, owner: string | null) =>
    call.world.state.repositories.filter(
      repository =>
        (owner === null || repository.owner === owner) && canSee(call.world, call.auth, repository),
    )
  routes.add('GET', '/orgs/:owner/repos', call =>
    pageOf(call, listed(call, call.params.owner)).map(found => formatRepository(call.world, found)),
  )
  routes.add('GET', '/users/:owner/repos', call =>
    pageOf(call, listed(call, call.params.owner)).map(found => formatRepository(call.world, found)),
  )
  routes.add('GET', '/user/repos', call => {
    const login = actorOf(call)
    const own = listed(call, null).filter(repository =>
      atLeast(roleOf(call.world, repository, login), 'triage'),
    )
    return pageOf(call, own).map(found => formatRepository(call.world, found))
  })
  routes.add('POST', '/user/repos', call => createFor(call, actorOf(call)))
  routes.add('POST', '/orgs/:owner/repos', call => {
    if (!findAccount(call.world, call.params.owner)?.members[actorOf(call)])
      throw new HttpError(403, 'Forbidden')
    return createFor(call, call.params.owner)
  })
}

async function createFor(call: Api & { body: unknown }, owner: string) {
  const { name, description, private: hidden = false } = bodyOf(call, newSchema)
  const wanted = { owner, name, private: hidden, ...(description ? { description } : {}) }
  return created(formatRepository(call.world, await createRepository(call.world, wanted)))
}
