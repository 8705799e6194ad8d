// Closes an environment: nothing of it is claimed or built any more, and nothing begins once that is committed; what is under way
// finishes, and what it held stays readable. Idempotent, and safe when the close comes early, late, twice: whoever holds the
// row's lock first does it. Its builds are ended by who asks for it (builds/admission/cancel.ts).
import type { Tx } from '../db/client.ts'
import { type Environment, lockEnvironment, markClosed } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import { announceSwitch } from './announce-switch.ts'
import { eventOf } from './change.ts'
import { haltStarts } from './halt-starts.ts'
import { listFunctions } from './store.ts'

export interface Closing {
  environmentId: string
  actor: string
  /** For people. */
  reason: string
  /** What decides when it is opened again; a person's word has none. */
  because?: Environment['closedBecause']
}

export type Closed = 'closed' | 'was_closed'

export async function closeEnvironment(core: Core, closing: Closing): Promise<Closed> {
  const result = await core.db.transaction(tx => closeWithin(tx, core, closing))
  if (result === 'closed') await announceSwitch(core.pool, closing.environmentId)
  return result
}

/** Last in a transaction; whoever commits it tells the workers then (announce-switch.ts). */
export async function closeWithin(
  tx: Tx,
  core: Pick<Core, 'pool' | 'append'>,
  { environmentId, actor, reason, because = null }: Closing,
): Promise<Closed> {
  const environment = await lockEnvironment(tx, environmentId)
  if (environment.closedAt) return 'was_closed'
  await markClosed(tx, environmentId, because)
  const data = { reason, name: environment.name }
  await core.append(tx, eventOf(environment, actor, 'environment.closed', { data }))
  const functionIds = (await listFunctions(tx, environmentId)).map(one => one.id)
  await haltStarts(tx, core.pool, { environmentId, functionIds })
  return 'closed'
}
