// Secrets at rest: AES-256-GCM under a key derived from the master key. What it belongs to is bound in, so that a sealed
// value moved to another row does not open. The first byte says which form this is, the next four which key: the master key may be
// one of several (master-key.ts), of which the first seals and any opens, so that it can be changed while the program runs.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { keysIn } from './master-key.ts'

/** Sealed before there were several keys: it does not say by which. */
const formWithoutKey = 1
const form = 2
const keyIdBytes = 4
const nonceBytes = 12
const tagBytes = 16

interface Derived {
  cipherKey: Buffer
  /** Which key it is, and nothing of it: a master key has no fewer than 32 characters of chance. */
  id: Buffer
}

// A program has one or two: deriving takes longer than opening, and functions' variables are opened every second.
const derived = new Map<string, Derived>()
const mostDerived = 16

function derive(key: string): Derived {
  const known = derived.get(key)
  if (known) return known
  const cipherKey = Buffer.from(hkdfSync('sha256', key, '', 'sluice sealed values', 32))
  const id = createHash('sha256').update(`sluice key id:${key}`).digest().subarray(0, keyIdBytes)
  if (derived.size >= mostDerived) derived.clear()
  derived.set(key, { cipherKey, id })
  return { cipherKey, id }
}

/** Base64 of form, key id, nonce, tag and ciphertext. */
export function seal(masterKey: string, belongsTo: string, text: string): string {
  const { cipherKey, id } = derive(keysIn(masterKey)[0])
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce).setAAD(Buffer.from(belongsTo))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(form), id, nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

/** @throws when no master key of ours sealed it, or what it belongs to, or a single bit is another than then. */
export function unseal(masterKey: string, belongsTo: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  const keys = keysIn(masterKey)
  if (bytes[0] === formWithoutKey) return openWithAny(keys, belongsTo, bytes.subarray(1))
  if (bytes[0] !== form)
    throw new Error(`the sealed value of ${belongsTo} has a form this version does not know`)
  const keyId = bytes.subarray(1, 1 + keyIdBytes)
  const named = keys.filter(key => derive(key).id.equals(keyId))
  if (named.length === 0) throw new Error(`the value of ${belongsTo} was sealed with another master key`)
  return openWithAny(named, belongsTo, bytes.subarray(1 + keyIdBytes))
}

function openWithAny(keys: readonly string[], belongsTo: string, bytes: Buffer): string {
  for (const [index, key] of keys.entries()) {
    try {
      return open(key, belongsTo, bytes)
    } catch (error) {
      if (index === keys.length - 1) throw error
    }
  }
  throw new Error('there is no master key')
}

function open(key: string, belongsTo: string, bytes: Buffer): string {
  const nonce = bytes.subarray(0, nonceBytes)
  const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', derive(key).cipherKey, nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(belongsTo)).setAuthTag(tag)
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
    'utf8',
  )
}

/** Whether it was sealed with the key that seals now. */
export function isSealedNow(masterKey: string, sealed: string): boolean {
  const bytes = Buffer.from(sealed, 'base64')
  const [key] = keysIn(masterKey)
  return bytes[0] === form && bytes.subarray(1, 1 + keyIdBytes).equals(derive(key).id)
}
