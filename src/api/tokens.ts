// Environment tokens (DEFER_TOKEN of an application) and repositories': 192 random bits, shown once, kept as their sha256; and
// the tokens that functions find in their environment, which are derived from the master key and stored nowhere.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Db } from '../db/client.ts'
import { keysIn } from '../master-key.ts'
import { insertRepositoryToken } from './repository-tokens/repository-tokens-store.ts'
import { insertToken } from './store.ts'

/** How a repository's token begins; its caller says which environment it means. */
export const ofRepository = 'slb_'
const prefixLength = 11

/** The only time the token is seen whole. */
export async function createToken(db: Db, environmentId: string): Promise<string> {
  const token = `slt_${randomBytes(24).toString('base64url')}`
  await insertToken(db, { environmentId, prefix: token.slice(0, prefixLength), hash: hashOf(token) })
  return token
}

/** `production`: whether it may call functions of production environments. The only time it is seen whole. */
export async function createRepositoryToken(
  db: Db,
  repositoryId: number,
  production: boolean,
): Promise<string> {
  const token = `${ofRepository}${randomBytes(24).toString('base64url')}`
  const prefix = token.slice(0, prefixLength)
  await insertRepositoryToken(db, { repositoryId, production, prefix, hash: hashOf(token) })
  return token
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** With the first of the master keys; one made with any of them is good. */
export function runtimeToken(masterKey: string, environmentId: string): string {
  const [key] = keysIn(masterKey)
  return tokenOf(key, environmentId)
}

function tokenOf(key: string, environmentId: string): string {
  const proof = createHmac('sha256', key).update(`runtime-token:${environmentId}`).digest('base64url')
  return `slr_${environmentId}_${proof}`
}

/** The environment a runtime token speaks for; null: it is none, or not one of ours. */
export function environmentOfRuntimeToken(masterKey: string, token: string): string | null {
  const environmentId = /^slr_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_/.exec(token)?.[1]
  if (!environmentId) return null
  const given = Buffer.from(token)
  const isOurs = keysIn(masterKey).some(key => {
    const expected = Buffer.from(tokenOf(key, environmentId))
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  return isOurs ? environmentId : null
}
