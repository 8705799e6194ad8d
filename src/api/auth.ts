// Who is calling: `Authorization: Basic base64(":" + token)` as @defer/client sends it, or Bearer. Whatever is wrong with the
// token, missing, malformed, unknown, revoked, or of a closed environment, the answer is the same.
import type { FastifyRequest } from 'fastify'
import type { Db } from '../db/client.ts'
import { AppError } from '../errors.ts'
import { findToken, isOpen, tokenUsed } from './store.ts'
import { environmentOfRuntimeToken, hashOf } from './tokens.ts'

const longestHeader = 1_000

/** Resolves to the environment's id. @throws AppError `unauthorized`. */
export async function authenticate(db: Db, masterKey: string, request: FastifyRequest): Promise<string> {
  const token = tokenOf(request)
  const environmentId = token && (await environmentOf(db, masterKey, token))
  if (environmentId) return environmentId
  throw new AppError(
    'unauthorized',
    'The token is missing or not valid. Set DEFER_TOKEN to a token of the environment (made with: sluice token create).',
  )
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

async function environmentOf(db: Db, masterKey: string, token: string): Promise<string | null> {
  if (token.startsWith('slr_')) {
    const environmentId = environmentOfRuntimeToken(masterKey, token)
    return environmentId && (await isOpen(db, environmentId)) ? environmentId : null
  }
  const found = await findToken(db, hashOf(token))
  if (!found) return null
  // Nothing depends on it, so nothing waits for it.
  void tokenUsed(db, found.id).catch(() => {})
  return found.environmentId
}
