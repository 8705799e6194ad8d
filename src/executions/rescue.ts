// Takes back executions whose worker vanished: its lease ran out. In pages until none is left, each page and its settling in
// one transaction. Two rescuers share the work: what one has locked the other skips.
import { crashPoint } from '../crash-point.ts'
import type { Core } from '../events/outbox.ts'
import { lockLost, lostTo } from './lease-store.ts'
import { afterLoss, lostTooOften } from './outcome.ts'

const pageSize = 200

/** Resolves to how many it took back. */
export async function rescue(core: Core): Promise<number> {
  let total = 0
  for (;;) {
    const page = await rescuePage(core)
    total += page
    if (page < pageSize) return total
  }
}

function rescuePage(core: Core): Promise<number> {
  return core.db.transaction(async tx => {
    const lost = await lockLost(tx, pageSize)
    const idsOf = (to: 'queued' | 'failed' | 'aborted') =>
      lost.filter(one => afterLoss(one.state, one.crashes) === to).map(one => one.id)
    await lostTo(tx, idsOf('queued'), 'queued', null)
    await lostTo(tx, idsOf('aborted'), 'aborted', null)
    await lostTo(tx, idsOf('failed'), 'failed', { error: JSON.stringify(lostTooOften), code: 'ER0003' })
    if (lost.length > 0) crashPoint('rescue.before_commit')
    return lost.length
  })
}
