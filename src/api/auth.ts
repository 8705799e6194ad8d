// Who is calling: `Authorization: Basic base64(":" + token)` as @defer/client sends it, or Bearer. Whatever is wrong with the
// token, missing, malformed, unknown, revoked, or of a closed environment, the answer is the same. It is looked up for each
// request, so that one which was revoked is good for nothing from then on; requests that come at once share looking.
import type { FastifyRequest } from 'fastify'
import type { Db } from '../db/client.ts'
import { AppError } from '../errors.ts'
import { createNoteUse } from './note-use.ts'
import { createRepositoryAuthenticate } from './repository-tokens/authenticate.ts'
import { shareNext } from './share-next.ts'
import { findToken, isOpen, tokenUsed } from './store.ts'
import { environmentOfRuntimeToken, hashOf, ofRepository } from './tokens.ts'

const longestHeader = 1_000

/** Gives the environment's id. @throws AppError `unauthorized`, and what a repository's token throws. */
export type Authenticate = (request: FastifyRequest) => Promise<string>

export function createAuthenticate(db: Db, masterKey: string): Authenticate {
  const ofToken = shareNext((hash: string) => findToken(db, hash))
  const open = shareNext((environmentId: string) => isOpen(db, environmentId))
  const used = createNoteUse(id => tokenUsed(db, id))
  const ofRepositoryToken = createRepositoryAuthenticate(db)

  async function environmentOf(token: string, request: FastifyRequest): Promise<string | null> {
    if (token.startsWith('slr_')) {
      const environmentId = environmentOfRuntimeToken(masterKey, token)
      return environmentId && (await open(environmentId)) ? environmentId : null
    }
    if (token.startsWith(ofRepository)) return ofRepositoryToken(token, request)
    const found = await ofToken(hashOf(token))
    if (found) used(found.id)
    return found?.environmentId ?? null
  }

  return async request => {
    const token = tokenOf(request)
    const environmentId = token && (await environmentOf(token, request))
    if (environmentId) return environmentId
    throw new AppError(
      'unauthorized',
      'The token is missing or not valid. Set DEFER_TOKEN to a token of the environment (made with: sluice token create).',
    )
  }
}

function tokenOf(request: FastifyRequest): string | null {
  const { rawHeaders } = request.raw
  const sent = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization')
  const header = request.headers.authorization ?? ''
  if (sent.length !== 1 || header.length > longestHeader) return null
  const [, scheme = '', credentials = ''] = /^(Basic|Bearer) ([\x21-\x7e]+)$/i.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString('utf8')) ?? []
  return password || null
}
