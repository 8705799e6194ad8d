// Who calls the lifecycle API, and in which environment: that of the key, or the one the request names where the key is for a
// whole repository. Whatever is wrong with a key, the answer is the same.
import type { FastifyRequest } from 'fastify'
import type { Db } from '../../db/client.ts'
import { type Environment, findEnvironment, findEnvironmentByName } from '../../environments/store.ts'
import { AppError } from '../../errors.ts'
import { isAllowed, type KeyRole } from '../keys/key.ts'
import { type ApiKey, findUsableKey, keyUsed } from '../keys/keys-store.ts'
import { hashOf } from '../tokens.ts'

const longestHeader = 1_000

/** @throws AppError `unauthorized`. */
export async function authenticateKey(db: Db, request: FastifyRequest): Promise<ApiKey> {
  const header = request.headers.authorization ?? ''
  const [, key] = header.length > longestHeader ? [] : (/^Bearer (slk_[\w-]+)$/i.exec(header) ?? [])
  const found = key === undefined ? null : await findUsableKey(db, hashOf(key))
  if (!found)
    throw new AppError(
      'unauthorized',
      'The API key is missing or not valid. Send one as "Authorization: Bearer slk_…" (made with: sluice key create).',
    )
  // Nothing depends on it, so nothing waits for it.
  void keyUsed(db, found.id).catch(() => {})
  return found
}

/** @throws AppError `forbidden`. */
export function demandRole({ role }: ApiKey, needed: KeyRole): void {
  if (isAllowed(role, needed)) return
  throw new AppError('forbidden', `This needs a key of the role "${needed}"; this one has "${role}".`)
}

/** @throws AppError `malformed` where none is named, `not_found` where it is none of the key's. */
export async function environmentOf(db: Db, key: ApiKey, request: FastifyRequest): Promise<Environment> {
  const named = nameIn(request)
  const own = key.environmentId === null ? null : await findEnvironment(db, key.environmentId)
  if (named === null && !own)
    throw new AppError(
      'malformed',
      'This key is for a whole repository: name the environment with ?environment=production or the header X-Environment.',
    )
  const environment = own ?? (await findEnvironmentByName(db, key.repositoryId, named ?? ''))
  const isMeant = environment !== null && (named === null || environment.name === named)
  if (isMeant && environment.closedAt === null) return environment
  throw new AppError(
    'not_found',
    `There is no open environment "${named ?? environment?.name}" for this key.`,
  )
}

function nameIn({ query, headers }: FastifyRequest): string | null {
  const asked =
    typeof query === 'object' && query !== null && 'environment' in query ? query.environment : null
  const named = typeof asked === 'string' ? asked : headers['x-environment']
  return typeof named === 'string' && named !== '' ? named.slice(0, 100) : null
}
