// Ends an attempt as outcome.ts decides. Each write is fenced; when none of ours applies any more, somebody else settled the
// execution (its lease had run out) and what this attempt brought is dropped.
import type { Core } from '../events/outbox.ts'
import type { Transition } from './outcome.ts'
import { aborted, failed, givenBack, type Holder, retryLater, succeeded } from './settle-store.ts'

export type Settled = 'settled' | 'aborted' | 'lost'

export async function settle(core: Core, holder: Holder, transition: Transition): Promise<Settled> {
  if (transition.to === 'nothing') return 'lost'
  if (await apply(core, holder, transition)) return 'settled'
  // An abort that was promised meanwhile stands, whatever the attempt brought.
  return (await aborted(core.db, holder)) ? 'aborted' : 'lost'
}

function apply(
  { db }: Core,
  holder: Holder,
  transition: Exclude<Transition, { to: 'nothing' }>,
): Promise<boolean> {
  switch (transition.to) {
    case 'succeeded':
      return succeeded(db, holder, transition.result)
    case 'failed':
      return failed(db, holder, stored(transition))
    case 'retryLater':
      return retryLater(db, holder, stored(transition), transition.delaySeconds)
    case 'givenBack':
      return givenBack(db, holder, JSON.stringify({ message: transition.because }), transition.delaySeconds)
    case 'aborted':
      return aborted(db, holder)
  }
}

const stored = ({ error, code }: Extract<Transition, { code: unknown }>) => ({
  error: JSON.stringify(error),
  code,
})
