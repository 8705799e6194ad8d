// How long a failed execution waits for its next try. Pure; seconds, as functions declare them (DEFER.md section 2).
import type { RetryPolicy } from '../functions/manifest.ts'

// Beyond ten years PostgreSQL's calendar, not the policy, would decide.
const longestSeconds = 10 * 365 * 86_400

/**
 * The delay before the `retry`-th retry (from 1), or null when the policy has no more. `random` is in [0, 1).
 * The cap comes before the random part, so that many executions capped at the same interval still spread.
 */
export function retryDelaySeconds(policy: RetryPolicy, retry: number, random: number): number | null {
  if (retry > policy.maxAttempts) return null
  const grown = policy.initialInterval * policy.multiplier ** (retry - 1)
  // 0 * Infinity is NaN: an interval of nothing stays nothing however often it is multiplied.
  const capped = Number.isNaN(grown) ? 0 : Math.min(grown, policy.maxInterval)
  const spread = 1 + policy.randomizationFactor * (2 * random - 1)
  return Math.min(Math.max(0, capped * spread), longestSeconds)
}
