// A short name for a piece of desired state, kept in reports.remote: equal means that nothing has to be written. Pure.
import { createHash } from 'node:crypto'

export function digest(state: unknown): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 32)
}
