// That a form was sent from a page of ours: by the browser's own word (Sec-Fetch-Site, Origin), and by a token in the form that
// belongs to the session. The token is masked anew on each page, so that compressed pages do not give it away bit by bit.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

const bytes = 32

const secretOf = (masterKey: string, sessionHash: string) =>
  createHmac('sha256', masterKey).update(`console form:${sessionHash}`).digest()

export function formToken(masterKey: string, sessionHash: string): string {
  const mask = randomBytes(bytes)
  return Buffer.concat([mask, mixed(mask, secretOf(masterKey, sessionHash))]).toString('base64url')
}

export function isFormToken(masterKey: string, sessionHash: string, token: string): boolean {
  const given = Buffer.from(token.slice(0, 200), 'base64url')
  if (given.length !== 2 * bytes) return false
  const secret = mixed(given.subarray(0, bytes), given.subarray(bytes))
  return timingSafeEqual(secret, secretOf(masterKey, sessionHash))
}

function mixed(mask: Buffer, secret: Buffer): Buffer {
  return Buffer.from(secret.map((byte, index) => byte ^ (mask[index] ?? 0)))
}

/** Old browsers say neither; then the token alone decides. */
export function isFromElsewhere({ headers }: FastifyRequest, url: string): boolean {
  const site = headers['sec-fetch-site']
  if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') return true
  const { origin } = headers
  return origin !== undefined && origin !== new URL(url).origin
}
