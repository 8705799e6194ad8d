// Whether GitHub signed these bytes. Pure. Only sha256 counts (the old sha1 header is never read), over the bytes as they
// came, compared in constant time.
import { createHmac, timingSafeEqual } from 'node:crypto'

const signatureFormat = /^sha256=([0-9a-f]{64})$/

export function isSignature(header: string | undefined): header is string {
  return header !== undefined && signatureFormat.test(header)
}

export function verifySignature(secret: string, body: Uint8Array, header: string | undefined): boolean {
  const given = header?.match(signatureFormat)?.[1]
  if (!given || secret === '') return false
  const expected = createHmac('sha256', secret).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(given, 'hex'))
}
