// Has workers start processes of versions that are about to go live, so that the first execution after the switch waits for
// none. Nobody is registered: those that run these functions answer at once that they start, and then that they are ready. A
// switch waits for them two seconds at most, and where nobody answers only a moment; it needs none of them.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Pool } from '../db/client.ts'
import { inParts, readMessage, type ToWarm, WarmAnswer, warmChannels } from './warm-channels.ts'

const answerWithinMs = 100
const readyWithinMs = 2_000

/** Never rejects: what goes wrong here costs the first executions a process's start, and nothing else. */
export async function warm(pool: Pool, versions: ToWarm[]): Promise<void> {
  if (versions.length === 0) return
  const over = new AbortController()
  const late = sleep(readyWithinMs, undefined, { signal: over.signal }).catch(() => {})
  await Promise.race([ask(pool, versions, over.signal).catch(() => {}), late])
  over.abort()
}

async function ask(pool: Pool, versions: ToWarm[], over: AbortSignal): Promise<void> {
  const request = randomUUID()
  const starting = new Set<string>()
  let wake = () => {}
  over.addEventListener('abort', () => wake())
  const { unlisten } = await pool.$client.listen(warmChannels.answer, text => {
    const answer = readMessage(WarmAnswer, text)
    if (answer?.request !== request) return
    if (answer.state === 'starting') starting.add(answer.worker)
    else starting.delete(answer.worker)
    wake()
  })
  try {
    await send(
      pool,
      inParts(request, versions).map(part => JSON.stringify(part)),
    )
    await sleep(answerWithinMs)
    while (starting.size > 0 && !over.aborted) await new Promise<void>(resolve => (wake = resolve))
  } finally {
    await unlisten()
  }
}

/** In one transaction: they arrive in their order, and nothing in between. */
async function send(pool: Pool, parts: string[]): Promise<void> {
  await pool.execute(sql`
    select pg_notify(${warmChannels.ask}, part)
    from unnest(${sql.param(parts)}::text[]) with ordinality as one (part, number)
    order by number
  `)
}
