// Finds what a person named on the command line: owner/repo, or owner/repo#environment. What is not there is told with what is.
import type { Db } from '../db/client.ts'
import { AppError } from '../errors.ts'
import {
  type Environment,
  findEnvironmentByName,
  findRepositoryByName,
  listOpenEnvironments,
  type Repository,
} from './store.ts'

export async function findNamedRepository(db: Db, text: string, usage: string): Promise<Repository> {
  const [, owner, name] = /^([^/#\s]+)\/([^/#\s]+)$/.exec(text) ?? []
  if (!owner || !name) throw new AppError('malformed', `"${text}" names no repository. ${usage}`)
  return find(db, owner, name)
}

export async function findNamedEnvironment(db: Db, text: string, usage: string): Promise<Environment> {
  const [, owner, name, environmentName] = /^([^/#\s]+)\/([^/#\s]+)#([^#\s]+)$/.exec(text) ?? []
  if (!owner || !name || !environmentName)
    throw new AppError('malformed', `"${text}" names no environment. ${usage}`)
  const repository = await find(db, owner, name)
  const environment = await findEnvironmentByName(db, repository.id, environmentName)
  if (environment && !environment.closedAt) return environment
  const open = (await listOpenEnvironments(db, repository.id)).map(one => one.name)
  const known =
    open.length > 0 ? `It has: ${open.join(', ')}.` : 'It has none yet; push to its default branch first.'
  throw new AppError('not_found', `${owner}/${name} has no environment "${environmentName}". ${known}`)
}

async function find(db: Db, owner: string, name: string): Promise<Repository> {
  const repository = await findRepositoryByName(db, owner, name)
  if (repository) return repository
  throw new AppError(
    'not_found',
    `Sluice knows no repository ${owner}/${name}. Install the GitHub App on it and push once.`,
  )
}
