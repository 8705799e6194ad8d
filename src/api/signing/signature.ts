// How a request is signed: base64 of HMAC-SHA256 over "{timestamp}:{raw body}", with the secret of a signing key. Pure.
import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceSeconds = 300

export function macOf(secret: string, timestamp: string, rawBody: Buffer): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}:`).update(rawBody).digest()
}

/** In a time that tells nothing of the secret. */
export function isRight(mac: Buffer, signature: string): boolean {
  const given = Buffer.from(signature, 'base64')
  return given.length === mac.length && timingSafeEqual(given, mac)
}

/** Unix seconds, five minutes from now at most, before or after. */
export function isCurrent(timestamp: string, now: Date): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false
  return Math.abs(Number(timestamp) - now.getTime() / 1_000) <= toleranceSeconds
}

/** From then on its timestamp refuses it. A minute more, for clocks that are set. */
export function forgetAt(timestamp: string): Date {
  return new Date((Number(timestamp) + toleranceSeconds + 60) * 1_000)
}
