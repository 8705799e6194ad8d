// Calls that come while a commit is under way share the next one: under load the disk is waited for once for many, and one alone
// waits for nobody. A caller is told only after the commit that holds its call. What cannot go with others goes alone, and is
// told there what is wrong with it: a mistake of one caller is no other's.
import { randomUUID } from 'node:crypto'
import { crashPoint } from '../../crash-point.ts'
import { sqlStateOf } from '../../db/sql-state.ts'
import type { Enqueue } from '../enqueue.ts'
import type { OnceKey } from '../once-store.ts'
import type { ExecutionCore } from '../payloads.ts'
import type { Execution } from '../store.ts'
import { type CallTogether, insertTogether } from './together-store.ts'

/** Null: it was not stored, and has to be accepted alone. */
export type AcceptTogether = (call: Enqueue, key: OnceKey | null) => Promise<Execution | null>

interface Waiting extends CallTogether {
  resolve(execution: Execution | null): void
  reject(error: unknown): void
}

const largestGroup = 250
/** One may wait for a lock; the others need not. */
const groupsAtOnce = 2

export function createAcceptTogether({ db, payloads }: ExecutionCore): AcceptTogether {
  let waiting: Waiting[] = []
  let underWay = 0
  async function commitNext(): Promise<void> {
    const group = waiting.slice(0, largestGroup)
    waiting = waiting.slice(largestGroup)
    underWay += 1
    await commit(group)
    underWay -= 1
    if (waiting.length > 0) void commitNext()
  }
  async function commit(group: Waiting[]): Promise<void> {
    try {
      const accepted = await insertTogether(db, group)
      crashPoint('enqueue.after_commit')
      for (const one of group) one.resolve(accepted.get(one.id) ?? null)
    } catch (error) {
      for (const one of group) isRefusal(error) ? one.resolve(null) : one.reject(error)
    }
  }
  return async (call, key) => {
    // Rare, and of two tables: accepted or discarded at once.
    if (call.discardAfter) return null
    const { promise, resolve, reject } = Promise.withResolvers<Execution | null>()
    const args = await payloads.keep(JSON.stringify(call.arguments))
    waiting.push({ ...toStored(call, key, args), resolve, reject })
    if (underWay < groupsAtOnce) void commitNext()
    return promise
  }
}

function toStored(call: Enqueue, key: OnceKey | null, args: string): CallTogether {
  return {
    id: randomUUID(),
    environmentId: call.environmentId,
    functionName: call.functionName,
    arguments: args,
    metadata: call.metadata ?? {},
    scheduleFor: call.scheduleFor ?? null,
    priority: call.priority ?? 0,
    executedBy: call.executedBy ?? 'api',
    once: key,
  }
}

/**
 * PostgreSQL refused what was in it (22: a character it cannot store, a date out of range; 23: a constraint), or ended a deadlock:
 * nothing of it is stored. Of a lost connection nobody knows; sent again it could be stored twice.
 */
function isRefusal(error: unknown): boolean {
  return /^(22...|23...|40...)$/.test(sqlStateOf(error) ?? '')
}
