// One queue of writes an installation: in this process one after the other, checks before deployments before the rest; over
// all processes a second apart, by turns taken in the database. Reads never wait here. A turn that is too far away is not waited
// for: the job is given back and tried later, and GitHub is not asked at all (GITHUB.md section 3, must-have 48).
import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Db } from '../../db/client.ts'
import { AppError } from '../../errors.ts'
import { postponeTurns, takeTurn } from '../../events/turns-store.ts'

export interface WriteTurns {
  /** `priority` as `priorityOf` tells it: of those that wait the highest goes first. */
  take<T>(installationId: number, priority: number, write: () => Promise<T>): Promise<T>
  /** GitHub asked for a pause. */
  postpone(installationId: number, seconds: number): Promise<void>
}

interface Settings {
  gapMs?: number
  maxWaitMs?: number
}

export function createWriteTurns(db: Db, { gapMs = 1_000, maxWaitMs = 60_000 }: Settings = {}): WriteTurns {
  const queues = new Map<number, PQueue>()
  const queueOf = (installationId: number) => {
    const queue = queues.get(installationId) ?? new PQueue({ concurrency: 1 })
    queues.set(installationId, queue)
    return queue
  }
  return {
    take: (installationId, priority, write) => {
      const inTurn = async () => {
        const waitMs = await takeTurn(db, `${installationId}`, { gapMs, maxWaitMs })
        if (waitMs === null)
          throw new AppError(
            'unavailable',
            `GitHub's rate limit: nothing is written to installation ${installationId} for more than ${maxWaitMs / 1_000} s.`,
          )
        await sleep(waitMs)
        return write()
      }
      return queueOf(installationId).add(inTurn, { priority })
    },
    postpone: (installationId, seconds) => postponeTurns(db, `${installationId}`, seconds),
  }
}

export function isWrite(method: string, url: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && !/\/access_tokens$/.test(url)
}

/** What people wait for, and what a merge may hang on, goes first. */
export function priorityOf(url: string): number {
  if (/\/check-(runs|suites)\b/.test(url)) return 2
  if (/\/deployments\b/.test(url)) return 1
  return 0
}
