// A request that comes with a repository's token: whose it is, and which environment it means.
import type { FastifyRequest } from 'fastify'
import type { Db } from '../../db/client.ts'
import { createNoteUse } from '../note-use.ts'
import { shareNext } from '../share-next.ts'
import { hashOf } from '../tokens.ts'
import { type Asked, chooseEnvironment } from './choose.ts'
import { findRepositoryToken, listCandidates, repositoryTokenUsed } from './repository-tokens-store.ts'

const longest = 1_000

/** Gives the environment's id; null: it is no token of ours. @throws what chooseEnvironment throws. */
export function createRepositoryAuthenticate(db: Db) {
  const ofToken = shareNext((hash: string) => findRepositoryToken(db, hash))
  const candidatesOf = shareNext((repositoryId: number) => listCandidates(db, repositoryId))
  const used = createNoteUse(id => repositoryTokenUsed(db, id))
  return async (token: string, request: FastifyRequest): Promise<string | null> => {
    const found = await ofToken(hashOf(token))
    if (!found) return null
    used(found.id)
    const candidates = await candidatesOf(found.repositoryId)
    return chooseEnvironment(candidates, askedIn(request), found.production).id
  }
}

function askedIn({ headers }: FastifyRequest): Asked {
  return { environment: textOf(headers['x-environment']), branch: decoded(textOf(headers['x-branch'])) }
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' && header.length <= longest ? header : null
}

/** A branch may have any letters, a header not: it comes percent-encoded. */
function decoded(text: string | null): string | null {
  try {
    return text && decodeURIComponent(text)
  } catch {
    return text
  }
}
