// Cancels, or reruns, all executions that filters let pass: counted first, then done page by page through the same verbs as one, up to a
// bound for each press. Those that came after the count are left alone: a rerun never reruns its own.
import { cancel } from '../../executions/cancel.ts'
import { type Filters, listExecutions, type PageRequest } from '../../executions/list-store.ts'
import { rerun } from '../../executions/rerun.ts'
import { finished, type State } from '../../executions/states.ts'
import type { Execution } from '../../executions/store.ts'
import type { Console } from '../context.ts'

export type BulkVerb = 'cancel' | 'rerun'

/** What one press does at most. */
export const mostAtOnce = 1_000
const pageSize = 100

const statesFor: Record<BulkVerb, readonly State[]> = { cancel: ['queued'], rerun: finished }

/** Of those the filters name, the states in which there is something to do. */
export function bulkFilters(verb: BulkVerb, filters: Filters): Filters | null {
  const possible = statesFor[verb]
  const states =
    filters.states.length === 0 ? [...possible] : filters.states.filter(state => possible.includes(state))
  return states.length === 0 ? null : { ...filters, states }
}

export interface Counted {
  amount: number
  /** There are more than one press does. */
  more: boolean
  /** The newest that was counted. */
  upTo: number
}

export async function countBulk(
  { core }: Console,
  environmentId: string,
  filters: Filters,
): Promise<Counted> {
  const first = await listExecutions(core.db, environmentId, pageOf(mostAtOnce, null), filters)
  return { amount: first.items.length, more: first.hasNext, upTo: first.items[0]?.sequence ?? 0 }
}

/** Resolves to how many it was. */
export async function doBulk(
  console: Console,
  environmentId: string,
  { verb, filters, upTo }: { verb: BulkVerb; filters: Filters; upTo: number },
): Promise<number> {
  let after: number | null = upTo + 1
  let [looked, count] = [0, 0]
  while (after !== null && looked < mostAtOnce) {
    const { items, hasNext } = await listExecutions(
      console.core.db,
      environmentId,
      pageOf(pageSize, after),
      filters,
    )
    for (const one of items) if (await doOne(console, environmentId, verb, one)) count += 1
    looked += items.length
    after = hasNext ? (items.at(-1)?.sequence ?? null) : null
  }
  if (verb === 'rerun' && count > 0) console.wake()
  return count
}

/** False: somebody was first, or it cannot be done any more. */
async function doOne(
  { core }: Console,
  environmentId: string,
  verb: BulkVerb,
  { id }: Execution,
): Promise<boolean> {
  if (verb === 'cancel') return (await cancel(core, { environmentId, id, force: false })).kind === 'cancelled'
  return (await rerun(core, { environmentId, id })).kind === 'created'
}

function pageOf(size: number, after: number | null): PageRequest {
  return { size, fromEnd: false, after, before: null }
}
