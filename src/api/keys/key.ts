// A key of the lifecycle API: 192 random bits, shown once, kept as their sha256. Pure but for chance.
import { randomBytes } from 'node:crypto'
import { keyRoles } from '../../db/schema/columns.ts'
import { hashOf } from '../tokens.ts'

export type KeyRole = (typeof keyRoles)[number]

const prefixLength = 11

export interface NewKey {
  /** The only time it is whole. */
  key: string
  prefix: string
  hash: string
}

export function makeKey(): NewKey {
  const key = `slk_${randomBytes(24).toString('base64url')}`
  return { key, prefix: key.slice(0, prefixLength), hash: hashOf(key) }
}

export function isAllowed(role: KeyRole, needed: KeyRole): boolean {
  return keyRoles.indexOf(role) >= keyRoles.indexOf(needed)
}
