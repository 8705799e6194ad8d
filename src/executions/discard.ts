// Discards executions that did not start in time, also those that are held. In pages, until none is left.
import type { Core } from '../events/outbox.ts'
import { discarded } from './store.ts'

const pageSize = 1_000

export async function discardLate(core: Core): Promise<number> {
  let total = 0
  for (;;) {
    const page = await discarded(core.db, pageSize)
    total += page
    if (page < pageSize) return total
  }
}
