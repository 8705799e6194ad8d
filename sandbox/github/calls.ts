// The calls of the API that were made, by route, and which of them meets one of the faults that come again and again.
import type { Faults, RestFault } from './faults.ts'

export type Calls = {
  all: number
  spoiled: number
  /** `GET /repos/acme/shop/commits/:id/check-runs`: numbers and hashes left out. */
  byRoute: Map<string, number>
}

export function noCalls(): Calls {
  return { all: 0, spoiled: 0, byRoute: new Map() }
}

export function countCall(calls: Calls, method: string, path: string): void {
  const route = `${method} ${path.replaceAll(/\/(\d+|[0-9a-f]{40})(?=\/|$)/g, '/:id')}`
  calls.all += 1
  calls.byRoute.set(route, (calls.byRoute.get(route) ?? 0) + 1)
}

/** The fault this call meets because it is the nth. */
export function nthFault(calls: Calls, { often: { every, faults } }: Faults): RestFault | null {
  if (every === 0 || faults.length === 0 || calls.all % every !== 0) return null
  const fault = faults[calls.spoiled % faults.length]
  calls.spoiled += 1
  return fault ? { ...fault, pathPattern: '' } : null
}
