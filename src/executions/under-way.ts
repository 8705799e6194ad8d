// The attempts this worker runs: which lease each holds, since when by the monotonic clock, and how to stop it. The wall
// clock plays no part: a lease we could not renew in time ends its attempt here before the database lets another begin.
import type { Claimed } from './claim-store.ts'
import type { StopReason } from './outcome.ts'

export interface UnderWay {
  execution: Claimed
  /** Fires with the reason; only the first counts. */
  signal: AbortSignal
  stopped(): StopReason | null
  stop(reason: StopReason): void
  renewedAtMs: number
  /** It was told that its environment is drained; the signal it gave up by is that. */
  isDrained: boolean
  /** When it was found claimable, at the latest. */
  claimedAtMs: number
}

export interface AttemptsUnderWay {
  begin(execution: Claimed, claimedAtMs: number): UnderWay
  end(execution: Claimed): void
  size(): number
  all(): UnderWay[]
  find(token: string): UnderWay | undefined
  /** Resolves when none is left. */
  drained(): Promise<void>
}

export function createUnderWay(): AttemptsUnderWay {
  const byToken = new Map<string, UnderWay>()
  let drained = Promise.withResolvers<void>()
  drained.resolve()
  return {
    begin(execution, claimedAtMs) {
      const one = create(execution, claimedAtMs)
      if (byToken.size === 0) drained = Promise.withResolvers()
      byToken.set(execution.token, one)
      return one
    },
    end(execution) {
      byToken.delete(execution.token)
      if (byToken.size === 0) drained.resolve()
    },
    size: () => byToken.size,
    all: () => [...byToken.values()],
    find: token => byToken.get(token),
    drained: () => drained.promise,
  }
}

function create(execution: Claimed, claimedAtMs: number): UnderWay {
  const controller = new AbortController()
  let because: StopReason | null = null
  return {
    execution,
    signal: controller.signal,
    renewedAtMs: claimedAtMs,
    claimedAtMs,
    isDrained: false,
    stopped: () => because,
    stop(reason) {
      because ??= reason
      controller.abort(because)
    },
  }
}
