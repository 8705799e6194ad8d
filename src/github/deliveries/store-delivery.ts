// Stores a delivery and its job in one transaction, whichever way it came: the webhook (intake.ts), or read from GitHub's own
// list because no webhook reached us (missed/).
import { crashPoint } from '../../crash-point.ts'
import type { Core } from '../../events/outbox.ts'
import { insertDelivery } from '../store.ts'
import type { Delivery } from './delivery.ts'

/** Resolves to whether there is work: false for one that is here already. */
export async function storeDelivery(core: Pick<Core, 'db' | 'jobs'>, delivery: Delivery): Promise<boolean> {
  const isNew = await core.db.transaction(async tx => {
    const isWork = await insertDelivery(tx, delivery)
    if (isWork) await core.jobs.send(tx, 'delivery', { id: delivery.id })
    crashPoint('webhook.before_commit')
    return isWork
  })
  crashPoint('webhook.after_commit')
  return isNew
}
