// Whose variables a request is about: of the environment that the key or the request names, or, where it says so, of all of the
// repository, for which a key of one environment is not enough.
import type { FastifyRequest } from 'fastify'
import type { Db } from '../../db/client.ts'
import type { Owner } from '../../environments/variables-store.ts'
import { AppError } from '../../errors.ts'
import type { ApiKey } from '../keys/keys-store.ts'
import { environmentOf } from '../lifecycle/caller.ts'

export interface NamedOwner extends Owner {
  /** Of the environment; null: all of them. */
  name: string | null
}

type OfWhom = FastifyRequest<{ Querystring: { all_environments: 'true' | 'false' } }>

/** @throws AppError `forbidden` for all of them with a key of one. */
export async function ownerOf(db: Db, key: ApiKey, request: OfWhom): Promise<NamedOwner> {
  const { repositoryId, environmentId } = key
  if (request.query.all_environments === 'true') {
    if (environmentId === null) return { repositoryId, environmentId, name: null }
    throw new AppError(
      'forbidden',
      'This key is for one environment; variables of all need one for the repository.',
    )
  }
  const { id, name } = await environmentOf(db, key, request)
  return { repositoryId, environmentId: id, name }
}
