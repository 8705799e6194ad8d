// Has workers start processes of versions that are about to go live, so that the first execution after the switch waits for
// none. Nobody is registered: those that run these functions answer at once that they start, and then that they are ready. A
// switch waits for them two seconds at most, and where nobody answers only a moment; it needs none of them.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../db/client.ts'
import {
  mostInOne,
  readMessage,
  type ToWarm,
  WarmAnswer,
  type WarmRequest,
  warmChannels,
} from './warm-channels.ts'

const answerWithinMs = 100
const readyWithinMs = 2_000

/** Never rejects: what goes wrong here costs the first executions a process's start, and nothing else. */
export async function warm(pool: Pool, versions: ToWarm[]): Promise<void> {
  if (versions.length === 0) return
  const request = { request: randomUUID(), versions: versions.slice(0, mostInOne) }
  const over = new AbortController()
  const late = sleep(readyWithinMs, undefined, { signal: over.signal }).catch(() => {})
  await Promise.race([ask(pool, request, over.signal).catch(() => {}), late])
  over.abort()
}

async function ask({ $client }: Pool, request: WarmRequest, over: AbortSignal): Promise<void> {
  const starting = new Set<string>()
  let wake = () => {}
  over.addEventListener('abort', () => wake())
  const { unlisten } = await $client.listen(warmChannels.answer, text => {
    const answer = readMessage(WarmAnswer, text)
    if (answer?.request !== request.request) return
    if (answer.state === 'starting') starting.add(answer.worker)
    else starting.delete(answer.worker)
    wake()
  })
  try {
    await $client.notify(warmChannels.ask, JSON.stringify(request))
    await sleep(answerWithinMs)
    while (starting.size > 0 && !over.aborted) await new Promise<void>(resolve => (wake = resolve))
  } finally {
    await unlisten()
  }
}
