// Whether a child that has answered may run another call. Pure. What a module gathers over many calls, and what an allocator does
// not give back, ends with its process; none lives so long that anybody could wonder which of its state is how old.
import type { Answer } from './protocol.ts'

export interface Wear {
  calls: number
  ageMs: number
}

const mostCalls = 10_000
const longestMs = 60 * 60_000
/** Of what its process may hold: waiting, it holds that for nothing. */
const memoryShare = 1 / 4

export function isFit(answer: Pick<Answer, 'unfit' | 'memoryMb'>, wear: Wear, limitMb: number): boolean {
  if (answer.unfit || answer.memoryMb > limitMb * memoryShare) return false
  return wear.calls < mostCalls && wear.ageMs < longestMs
}
