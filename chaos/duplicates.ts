// Starts of user code beyond an execution's first, each with the reason of the attempt that it belongs to. A start belongs to
// the attempt that held the execution then. Pure.
import type { Facts } from './facts.ts'
import type { Entry } from './ledger.ts'
import type { AttemptRow } from './state-store.ts'

export interface Duplicate {
  id: string
  key: string
  /** Of the attempt; or what is wrong with it. */
  reason: string
  explained: boolean
}

// A start that a process made after it stood still, before it noticed that its lease was over (its fence looks twice a second).
const thawedWithinMs = 1_000

export function duplicatesOf(facts: Facts): Duplicate[] {
  const attempts = Map.groupBy(facts.attempts, one => one.executionId)
  const starts = Map.groupBy(
    facts.ledger.filter(entry => entry.what === 'start'),
    entry => entry.key,
  )
  // Ticks are told by their minute, which no row has: that each is there once the database holds by itself.
  return facts.executions
    .filter(one => one.key !== '')
    .flatMap(one => explain(one.id, starts.get(one.key) ?? [], attempts.get(one.id) ?? [], facts))
}

function explain(id: string, starts: Entry[], attempts: AttemptRow[], facts: Facts): Duplicate[] {
  const taken = new Set<number>()
  return starts.flatMap((start, index) => {
    const attempt = attempts.find(
      one =>
        one.startedMs <= start.atMs + 1 && start.atMs <= (one.finishedMs ?? Number.POSITIVE_INFINITY) + 1,
    )
    const again = attempt !== undefined && taken.has(attempt.number)
    if (attempt) taken.add(attempt.number)
    const about = { id, key: start.key }
    if (!attempt && justThawed(start.atMs, facts))
      return [{ ...about, reason: 'its worker had stood still longer than the lease', explained: true }]
    if (!attempt || again)
      return [
        {
          ...about,
          reason: again ? 'a second time in one attempt' : 'no attempt held it then',
          explained: false,
        },
      ]
    if (index === 0 || attempt.reason === 'retry') return []
    return [{ ...about, reason: attempt.reason, explained: attempt.reason !== 'first' }]
  })
}

function justThawed(atMs: number, { lives }: Facts): boolean {
  return lives.some(life => life.frozen.some(({ toMs }) => atMs >= toMs && atMs - toMs <= thawedWithinMs))
}
