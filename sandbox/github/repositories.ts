// Repositories: creating, forking, renaming, transferring, deleting. Old names keep leading to the new place.
import { rmSync } from 'node:fs'
import { HttpError } from '../http/reply.ts'
import { emit } from './events.ts'
import { copyBranches, createBare } from './git/bare.ts'
import { formatAccount } from './payloads/account.ts'
import { formatRepository } from './payloads/repository.ts'
import type { Repository, Role } from './state.ts'
import { directoryOf, findAccount, findRepository, fullName, nextId, now, type World } from './world.ts'

export type NewRepository = {
  owner: string
  name: string
  private?: boolean
  description?: string
  collaborators?: Record<string, Role>
}

export async function createRepository(world: World, wanted: NewRepository): Promise<Repository> {
  if (!/^[\w.-]+$/.test(wanted.name)) throw new HttpError(422, `${wanted.name} is not a repository name`)
  if (!findAccount(world, wanted.owner)) throw new HttpError(404, `There is no account ${wanted.owner}`)
  refuseTaken(world, wanted.owner, wanted.name)
  const at = now()
  const repository: Repository = {
    id: nextId(world),
    owner: wanted.owner,
    name: wanted.name,
    private: wanted.private ?? false,
    description: wanted.description ?? null,
    defaultBranch: 'main',
    collaborators: wanted.collaborators ?? {},
    forkOf: null,
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
    issues: [],
    comments: [],
    commitComments: [],
    checkSuites: [],
    checkRuns: [],
    statuses: [],
    deployments: [],
    environments: [],
    mergeQueue: [],
  }
  await createBare(directoryOf(world, repository))
  world.state.repositories.push(repository)
  emit(world, repository, {
    event: 'repository',
    action: 'created',
    sender: ownerLogin(world, repository),
    body: {},
  })
  return repository
}

function refuseTaken(world: World, owner: string, name: string): void {
  if (!findRepository(world, `${owner}/${name}`)) return
  throw new HttpError(422, 'Repository creation failed.', {
    errors: [
      {
        resource: 'Repository',
        code: 'custom',
        field: 'name',
        message: 'name already exists on this account',
      },
    ],
  })
}

/** Who acts when nobody in particular does: the owner, or the first administrator of the organisation. */
export function ownerLogin(world: World, repository: { owner: string }): string {
  const owner = findAccount(world, repository.owner)
  const admin = Object.entries(owner?.members ?? {}).find(([, role]) => role === 'admin')
  return admin?.[0] ?? repository.owner
}

export async function forkRepository(world: World, source: Repository, login: string): Promise<Repository> {
  const known = world.state.repositories.find(other => other.forkOf === source.id && other.owner === login)
  if (known) return known
  const name = findRepository(world, `${login}/${source.name}`) ? `${source.name}-1` : source.name
  const fork = await createRepository(world, { owner: login, name, private: source.private })
  fork.forkOf = source.id
  fork.defaultBranch = source.defaultBranch
  await copyBranches(directoryOf(world, source), directoryOf(world, fork))
  const body = { forkee: formatRepository(world, fork) }
  emit(world, source, { event: 'fork', sender: login, body })
  return fork
}

export function renameRepository(world: World, repository: Repository, name: string, login: string): void {
  refuseTaken(world, repository.owner, name)
  const changes = { repository: { name: { from: repository.name } } }
  world.state.formerNames[fullName(repository).toLowerCase()] = repository.id
  repository.name = name
  repository.updatedAt = now()
  emit(world, repository, { event: 'repository', action: 'renamed', sender: login, body: { changes } })
}

/** Installations of the old owner lose it, those of the new one (on all repositories) gain it. */
export function transferRepository(world: World, repository: Repository, owner: string, login: string): void {
  const account = findAccount(world, owner)
  if (!account) throw new HttpError(422, `There is no account ${owner}`)
  refuseTaken(world, account.login, repository.name)
  const former = findAccount(world, repository.owner)
  const formatted = formatAccount(world, repository.owner)
  const from = former?.type === 'Organization' ? { organization: formatted } : { user: formatted }
  world.state.formerNames[fullName(repository).toLowerCase()] = repository.id
  repository.owner = account.login
  repository.updatedAt = now()
  const body = { changes: { owner: { from } } }
  emit(world, repository, { event: 'repository', action: 'transferred', sender: login, body })
}

export function deleteRepository(world: World, repository: Repository, login: string): void {
  emit(world, repository, { event: 'repository', action: 'deleted', sender: login, body: {} })
  world.state.repositories.splice(world.state.repositories.indexOf(repository), 1)
  for (const installation of world.state.installations) {
    installation.repositories = installation.repositories?.filter(id => id !== repository.id) ?? null
  }
  rmSync(directoryOf(world, repository), { recursive: true, force: true })
  world.save()
}
