// Secrets at rest: AES-256-GCM under a key derived from the master key. What it belongs to is bound in, so that a sealed
// value moved to another row does not open. The first byte says which form this is, for rotation.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const form = 1
const nonceBytes = 12
const tagBytes = 16

const keyOf = (masterKey: string) =>
  Buffer.from(hkdfSync('sha256', masterKey, '', 'sluice sealed values', 32))

/** Base64 of form, nonce, tag and ciphertext. */
export function seal(masterKey: string, belongsTo: string, text: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(masterKey), nonce).setAAD(Buffer.from(belongsTo))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(form), nonce, cipher.getAuthTag(), sealed]).toString('base64')
}

/** @throws when the master key, what it belongs to, or a single bit is another than when it was sealed. */
export function unseal(masterKey: string, belongsTo: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  if (bytes[0] !== form)
    throw new Error(`the sealed value of ${belongsTo} has a form this version does not know`)
  const nonce = bytes.subarray(1, 1 + nonceBytes)
  const tag = bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', keyOf(masterKey), nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(belongsTo)).setAuthTag(tag)
  return Buffer.concat([
    decipher.update(bytes.subarray(1 + nonceBytes + tagBytes)),
    decipher.final(),
  ]).toString('utf8')
}
