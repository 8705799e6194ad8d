// The id a version will have once it is stored: made of what it is, so that processes can be started for it before. Pure.
import { createHash } from 'node:crypto'

/** A version 8 UUID, which is what the standard has for ids of one's own making. */
export function plannedVersionId(functionId: string, fingerprint: string): string {
  const hex = createHash('sha256').update(`${functionId} ${fingerprint}`).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  const [a, b, c, d, e] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return `${a}-${b}-${c}-${d}-${e}`
}
