// Ends attempts as outcome.ts decides, many in one commit. Each write is fenced; when none of ours applies any more, somebody
// else settled the execution (its lease had run out) and what this attempt brought is dropped.
import { crashPoint } from '../crash-point.ts'
import type { Db } from '../db/client.ts'
import type { Core } from '../events/outbox.ts'
import { endingOf } from './ending.ts'
import type { Transition } from './outcome.ts'
import { aborted, ended, type HeldEnding, type Holder } from './settle-store.ts'

export type Settled = 'settled' | 'aborted' | 'lost'

export interface Settle {
  holder: Holder
  transition: Transition
}

/** In the order of `settles`. All of it is committed when this resolves; when it rejects, anything may be. */
export async function settleAll({ db }: Core, settles: Settle[]): Promise<Settled[]> {
  const endings = settles.flatMap(({ holder: { id, attempt, token }, transition }): HeldEnding[] => {
    const ending = endingOf(transition)
    return ending ? [{ id, attempt, token, ...ending }] : []
  })
  crashPoint('settle.before_commit')
  const tokens = endings.length > 0 ? await ended(db, endings) : new Set<string>()
  crashPoint('settle.after_commit')
  return Promise.all(settles.map(one => (tokens.has(one.holder.token) ? 'settled' : otherwise(db, one))))
}

export async function settle(core: Core, holder: Holder, transition: Transition): Promise<Settled> {
  const [settled = 'lost'] = await settleAll(core, [{ holder, transition }])
  return settled
}

/** An abort that was promised meanwhile stands, whatever the attempt brought. */
async function otherwise(db: Db, { holder, transition }: Settle): Promise<Settled> {
  if (transition.to === 'nothing' || !(await aborted(db, holder))) return 'lost'
  return transition.to === 'aborted' ? 'settled' : 'aborted'
}
