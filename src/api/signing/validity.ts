// How long a signing key is valid. Pure.
import type { signingValidities } from '../../db/schema/columns.ts'

export type Validity = (typeof signingValidities)[number]

const day = 86_400
const seconds: Record<Validity, number | null> = {
  '1h': 3_600,
  '1d': day,
  '1w': 7 * day,
  '1m': 30 * day,
  forever: null,
}

/** Null: it does not expire. */
export function secondsOf(validity: Validity): number | null {
  return seconds[validity]
}
