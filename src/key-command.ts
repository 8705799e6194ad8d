// `sluice key create|list|revoke`, on the server's machine. A key is printed once, when it is made; lists show how it begins.
import { parseArgs } from 'node:util'
import { makeKey } from './api/keys/key.ts'
import { insertKey, type ListedKey, listKeys, revokeKey } from './api/keys/keys-store.ts'
import { connect, type Db } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { keyRoles } from './db/schema/columns.ts'
import { parseDuration } from './duration.ts'
import { findNamedEnvironment, findNamedRepository } from './environments/named.ts'
import { AppError } from './errors.ts'

export const keyHelp = `Keys of the lifecycle API (/api). Each is shown once; Sluice keeps its digest only.

  sluice key create --repository owner/repo [--environment name] [--role read|write|admin] [--name text] [--expires 90d]
  sluice key list   --repository owner/repo
  sluice key revoke --repository owner/repo <how it begins>

With --environment it acts there alone; without, each request names one. read sees, write changes functions and what is
live (the default), admin also deletes. The name stands in the history of what it did.
`

const options = {
  repository: { type: 'string' },
  environment: { type: 'string' },
  role: { type: 'string', default: 'write' },
  name: { type: 'string' },
  expires: { type: 'string' },
} as const

interface Asked {
  db: Db
  repository: string
  environment: string | undefined
  role: string
  name: string | undefined
  expires: string | undefined
  rest: string[]
}

const verbs: Record<string, (asked: Asked) => Promise<string>> = { create, list, revoke }

export async function keyCommand(url: string, args: string[]): Promise<number> {
  const [verb = '', ...rest] = args
  const carryOut = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!carryOut) throw new AppError('malformed', keyHelp)
  const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true })
  const { repository = '', environment, role, name, expires } = values
  await migrate(url)
  const { db, close } = connect(url, { max: 1, name: 'sluice key' })
  try {
    process.stdout.write(
      await carryOut({ db, repository, environment, role, name, expires, rest: positionals }),
    )
    return 0
  } finally {
    await close()
  }
}

async function create({ db, repository, environment, role, name, expires }: Asked): Promise<string> {
  const known = keyRoles.find(one => one === role)
  if (!known)
    throw new AppError('malformed', `There is no role "${role}". There are: ${keyRoles.join(', ')}.`)
  const validSeconds = expires === undefined ? null : parseDuration(expires)
  if (expires !== undefined && validSeconds === null)
    throw new AppError('malformed', `"${expires}" is no duration. Write one such as 12h or 90d.`)
  const found = await findNamedRepository(db, repository, 'Say --repository owner/repo.')
  const place = environment === undefined ? null : `${repository}#${environment}`
  const scope = place === null ? null : await findNamedEnvironment(db, place, 'Say --environment name.')
  const { key, prefix, hash } = makeKey()
  await insertKey(db, {
    ...{ repositoryId: found.id, environmentId: scope?.id ?? null, role: known, prefix, hash, validSeconds },
    name: name?.trim() || prefix,
  })
  return `${key}\n`
}

async function list({ db, repository }: Asked): Promise<string> {
  const found = await findNamedRepository(db, repository, 'Say --repository owner/repo.')
  const keys = await listKeys(db, found.id)
  return keys.length === 0 ? 'There are none.\n' : keys.map(line).join('')
}

function line({ prefix, name, role, environment, lastUsedAt, expiresAt, revokedAt }: ListedKey): string {
  const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? 'never'
  const end = revokedAt ? `revoked ${day(revokedAt)}` : `expires ${day(expiresAt)}`
  const where = environment ?? 'all environments'
  return `${prefix}…  ${role.padEnd(5)}  ${where}  used ${day(lastUsedAt)}  ${end}  ${name}\n`
}

async function revoke({ db, repository, rest: [prefix = ''] }: Asked): Promise<string> {
  const found = await findNamedRepository(db, repository, 'Say --repository owner/repo.')
  if (await revokeKey(db, found.id, prefix.replace(/…$/, ''))) return `${prefix} is revoked.\n`
  throw new AppError(
    'not_found',
    `${repository} has no key that begins "${prefix}". "sluice key list" shows them.`,
  )
}
