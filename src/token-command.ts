// `sluice token create|list|revoke`: tokens by which applications call functions. One of an environment (its DEFER_TOKEN), or one
// of a repository, which reaches the environment that each call names. A token is printed once, when it is made.
import { parseArgs } from 'node:util'
import {
  listRepositoryTokens,
  type RepositoryToken,
  revokeRepositoryToken,
} from './api/repository-tokens/repository-tokens-store.ts'
import { createRepositoryToken, createToken } from './api/tokens.ts'
import { connect, type Db } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { findNamedEnvironment, findNamedRepository } from './environments/named.ts'
import { AppError } from './errors.ts'

export const tokenHelp = `Tokens by which applications call functions. Each is shown once; Sluice keeps its digest only.

  sluice token create --environment owner/repo#name
  sluice token create --repository owner/repo [--without-production]
  sluice token list   --repository owner/repo
  sluice token revoke --repository owner/repo <how it begins>

One of an environment calls its functions. One of a repository is for applications with previews of their own: each call
names an environment or a branch (docs/client.md), with --without-production any but those of production. list and revoke
are about repositories' tokens.
`

const options = {
  environment: { type: 'string' },
  repository: { type: 'string' },
  'without-production': { type: 'boolean', default: false },
} as const

interface Asked {
  db: Db
  environment: string | undefined
  repository: string
  production: boolean
  rest: string[]
}

const verbs: Record<string, (asked: Asked) => Promise<string>> = { create, list, revoke }
const usage = '"sluice token --help" shows how.'

export async function tokenCommand(url: string, args: string[]): Promise<number> {
  const [verb = '', ...rest] = args
  const carryOut = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!carryOut) throw new AppError('malformed', tokenHelp)
  const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true })
  const { environment, repository = '', 'without-production': without } = values
  await migrate(url)
  const { db, close } = connect(url, { max: 1, name: 'sluice token' })
  try {
    process.stdout.write(
      await carryOut({ db, environment, repository, production: !without, rest: positionals }),
    )
    return 0
  } finally {
    await close()
  }
}

async function create({ db, environment, repository, production }: Asked): Promise<string> {
  if ((environment === undefined) === (repository === ''))
    throw new AppError('malformed', 'Give either --environment owner/repo#name or --repository owner/repo.')
  if (environment !== undefined) {
    const { id } = await findNamedEnvironment(db, environment, usage)
    return `${await createToken(db, id)}\n`
  }
  const { id } = await findNamedRepository(db, repository, usage)
  return `${await createRepositoryToken(db, id, production)}\n`
}

async function list({ db, repository }: Asked): Promise<string> {
  const { id } = await findNamedRepository(db, repository, usage)
  const tokens = await listRepositoryTokens(db, id)
  return tokens.length === 0 ? 'There are none.\n' : tokens.map(line).join('')
}

function line({ prefix, production, createdAt, lastUsedAt, revokedAt }: RepositoryToken): string {
  const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? 'never'
  const where = production ? 'all environments' : 'all but production'
  const end = revokedAt ? `  revoked ${day(revokedAt)}` : ''
  return `${prefix}…  ${where.padEnd(18)}  made ${day(createdAt)}  used ${day(lastUsedAt)}${end}\n`
}

async function revoke({ db, repository, rest: [prefix = ''] }: Asked): Promise<string> {
  const { id } = await findNamedRepository(db, repository, usage)
  if (await revokeRepositoryToken(db, id, prefix.replace(/…$/, ''))) return `${prefix} is revoked.\n`
  throw new AppError(
    'not_found',
    `${repository} has no token that begins "${prefix}". "sluice token list" shows them.`,
  )
}
