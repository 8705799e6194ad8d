// Whether Slack signed these bytes, and lately. Pure. Over the bytes as they came, compared in constant time; what is older than
// five minutes may be somebody's recording.
import { createHmac, timingSafeEqual } from 'node:crypto'

const maxSkewSeconds = 300
const format = /^v0=([0-9a-f]{64})$/

export interface Signed {
  timestamp: string | undefined
  signature: string | undefined
  body: Uint8Array
}

export function isFromSlack(secret: string, { timestamp, signature, body }: Signed, now: Date): boolean {
  const given = signature?.match(format)?.[1]
  if (secret === '' || !given || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > maxSkewSeconds) return false
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(given, 'hex'))
}
