// `sluice token create --environment owner/repo#name`: prints an environment token, the DEFER_TOKEN, once.
import { parseArgs } from 'node:util'
import { createToken } from './api/tokens.ts'
import { connect, type Db } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import {
  type Environment,
  findEnvironmentByName,
  findRepositoryByName,
  listOpenEnvironments,
} from './environments/store.ts'
import { AppError } from './errors.ts'

const usage = 'Usage: sluice token create --environment owner/repo#name'

export async function tokenCreate(url: string, args: string[]): Promise<number> {
  const [verb, ...rest] = args
  if (verb !== 'create') throw new AppError('malformed', usage)
  const { values } = parseArgs({ args: rest, options: { environment: { type: 'string' } } })
  await migrate(url)
  const { db, close } = connect(url, { max: 1, name: 'sluice token' })
  try {
    const environment = await findNamed(db, values.environment ?? '')
    process.stdout.write(`${await createToken(db, environment.id)}\n`)
    return 0
  } finally {
    await close()
  }
}

async function findNamed(db: Db, text: string): Promise<Environment> {
  const [, owner, name, environmentName] = /^([^/#\s]+)\/([^/#\s]+)#([^#\s]+)$/.exec(text) ?? []
  if (!owner || !name || !environmentName)
    throw new AppError('malformed', `"${text}" names no environment. ${usage}`)
  const repository = await findRepositoryByName(db, owner, name)
  if (!repository) {
    throw new AppError(
      'not_found',
      `Sluice knows no repository ${owner}/${name}. Install the GitHub App on it and push once.`,
    )
  }
  const environment = await findEnvironmentByName(db, repository.id, environmentName)
  if (environment && !environment.closedAt) return environment
  const open = (await listOpenEnvironments(db, repository.id)).map(one => one.name)
  const known =
    open.length > 0 ? `It has: ${open.join(', ')}.` : 'It has none yet; push to its default branch first.'
  throw new AppError('not_found', `${owner}/${name} has no environment "${environmentName}". ${known}`)
}
