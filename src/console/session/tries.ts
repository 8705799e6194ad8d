// How often one address may try to sign in: a guess costs GitHub and us a request each.
import { AppError } from '../../errors.ts'

export interface Tries {
  /** @throws AppError `rate_limited`. */
  demand(address: string): void
}

const most = 30
const withinMs = 60_000
const mostAddresses = 10_000

export function createTries(clock = Date.now): Tries {
  let since = clock()
  let counts = new Map<string, number>()
  return {
    demand(address) {
      if (clock() - since > withinMs || counts.size > mostAddresses) {
        since = clock()
        counts = new Map()
      }
      const count = (counts.get(address) ?? 0) + 1
      counts.set(address, count)
      if (count > most)
        throw new AppError('rate_limited', 'Too many sign-ins from your address. Wait a minute.')
    },
  }
}
