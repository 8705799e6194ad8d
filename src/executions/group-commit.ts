// Settles that come while a commit is under way share the next one: under load the disk is waited for once for many, and one
// alone waits for nobody. A caller is told only after the commit that holds its settle.
import type { Core } from '../events/outbox.ts'
import { type Settle, type Settled, settle, settleAll } from './settle.ts'

interface Waiting extends Settle {
  resolve(settled: Settled | Promise<Settled>): void
}

const largestGroup = 500

export function createGroupCommit(core: Core): (settle: Settle) => Promise<Settled> {
  let waiting: Waiting[] = []
  let committing = false
  async function commitAll(): Promise<void> {
    committing = true
    while (waiting.length > 0) {
      const group = waiting.slice(0, largestGroup)
      waiting = waiting.slice(largestGroup)
      await commit(core, group)
    }
    committing = false
  }
  return one => {
    const { promise, resolve } = Promise.withResolvers<Settled>()
    waiting.push({ ...one, resolve })
    if (!committing) void commitAll()
    return promise
  }
}

/**
 * What the database refuses of one (a character it cannot store) must not keep the others from being stored: then each is
 * settled alone and told its own end. One that was committed in spite of an error is found settled: fenced, it stays so.
 */
async function commit(core: Core, group: Waiting[]): Promise<void> {
  try {
    const settled = await settleAll(core, group)
    for (const [index, one] of group.entries()) one.resolve(settled[index] ?? 'lost')
  } catch {
    const alone = group.map(({ holder, transition, resolve }) => {
      const own = settle(core, holder, transition)
      resolve(own)
      return own
    })
    await Promise.allSettled(alone)
  }
}
