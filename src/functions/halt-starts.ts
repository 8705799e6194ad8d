// The end of every switch of what functions may start: when this resolves, nothing of them begins any more as it was before.
// What began before goes on. Nobody is asked: workers that hear of it hand back at once what they have claimed and not begun,
// and of one that does not hear, nothing begins later than start-window.ts says. Claims wait that long, calls never do.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, Tx } from '../db/client.ts'
import { announceSwitch } from './announce-switch.ts'
import { holdClaims, someMayBegin } from './starts-store.ts'

const lookAgainMs = 3

export interface Halt {
  environmentId: string
  functionIds: string[]
}

/** The last thing before the commit: while it waits it holds the functions. */
export async function haltStarts(tx: Tx, pool: Pool, { environmentId, functionIds }: Halt): Promise<void> {
  if (functionIds.length === 0) return
  await holdClaims(tx, functionIds)
  if (!(await someMayBegin(tx, functionIds))) return
  // Not awaited: it may have to wait for a connection, and this transaction holds one.
  void announceSwitch(pool, environmentId)
  do await sleep(lookAgainMs)
  while (await someMayBegin(tx, functionIds))
}
