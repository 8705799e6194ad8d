// How GitHub is at its worst: calls that are refused for being too many, that fail, or that are carried out and never answered;
// webhooks that come late, twice and in any order.
import type { GitHub } from '../../sandbox/github/server.ts'
import { createRandom } from '../random.ts'
import type { Wanted } from './world.ts'

export function misbehave({ faults }: GitHub, { seed, every }: Wanted): void {
  faults.random = createRandom(seed + 1).next
  faults.shuffle = true
  faults.duplicate = 0.2
  faults.delayMs = 200
  faults.often = {
    every,
    faults: [
      { status: 403, headers: { 'retry-after': '1' } },
      { status: 500 },
      { status: 500, after: true },
      { status: 0, disconnect: true },
      { status: 0, disconnect: true, after: true },
    ],
  }
}
