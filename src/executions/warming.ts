// The worker's side of warming (functions/warm.ts): of the functions it runs it starts processes of the version that is about to
// go live, as many as it may need in the first moment and has room for (warm-order.ts). Answers that it does, and when they are
// ready.
import type { Pool } from '../db/client.ts'
import { readMessage, type ToWarm, WarmRequest, warmChannels } from '../functions/warm-channels.ts'
import type { Runner } from './ports.ts'
import { inOrder, isRecent, type Use, usedAgain } from './warm-order.ts'

/** What comes in parts is gathered; of what never came whole the oldest is forgotten. */
const mostGathered = 10

export interface Warming {
  /** One of its executions begins here. */
  noteRun(functionId: string): void
  /** One of its executions has ended here. */
  noteEnd(functionId: string): void
  /** What came by the channel. Never rejects. */
  asked(pool: Pool, text: string): Promise<void>
}

export function createWarming(runner: Pick<Runner, 'warm'>, worker: string): Warming {
  const uses = new Map<string, Use>()
  const gathered = new Map<string, ToWarm[]>()

  function forgetOld(): void {
    for (const [functionId, use] of uses) if (!isRecent(use, performance.now())) uses.delete(functionId)
    for (const request of [...gathered.keys()].slice(0, -mostGathered)) gathered.delete(request)
  }

  /** All versions of a request when its last part has come; null before. */
  function gather({ request, versions, isLast }: WarmRequest): ToWarm[] | null {
    const mine = versions.filter(one => uses.has(one.functionId))
    const all = [...(gathered.get(request) ?? []), ...mine]
    if (isLast) gathered.delete(request)
    else gathered.set(request, all)
    return isLast ? all : null
  }

  return {
    noteRun(functionId) {
      uses.set(functionId, usedAgain(uses.get(functionId), performance.now()))
    },
    noteEnd(functionId) {
      const use = uses.get(functionId)
      if (use) use.atOnce -= 1
    },
    async asked(pool, text) {
      forgetOld()
      const asked = readMessage(WarmRequest, text)
      const processes = inOrder((asked && gather(asked)) ?? [], uses, performance.now())
      if (!asked || processes.length === 0) return
      const tell = (state: 'starting' | 'ready') =>
        pool.$client
          .notify(warmChannels.answer, JSON.stringify({ request: asked.request, worker, state }))
          .catch(() => {}) // whoever waits does not wait for long
      await tell('starting')
      await Promise.all(processes.map(runner.warm))
      await tell('ready')
    },
  }
}
