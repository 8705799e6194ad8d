// Accepts a request once, however often a caller repeats it under the same key: the key is stored in the transaction that
// accepts the calls, so both are there or neither, and of many at once the others wait for the first.
import type { Db, Tx } from '../db/client.ts'
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import {
  type Answer,
  deletedKeys,
  findAnswer,
  findWhole,
  insertKey,
  keepAnswer,
  keepWhole,
  type OnceKey,
} from './once-store.ts'

const keptHours = 24
const pageSize = 1_000

/**
 * The ids of the executions: those `accept` stores, or stored then. @throws AppError `conflict`, when the key came with
 * another request, or in the moment in which it is forgotten.
 */
export function once(db: Db, key: OnceKey, accept: (tx: Tx) => Promise<string[]>): Promise<string[]> {
  return db.transaction(async tx => {
    if (await insertKey(tx, key)) {
      const ids = await accept(tx)
      await keepAnswer(tx, key, ids)
      return ids
    }
    const kept = await findAnswer(tx, key)
    if (kept?.fingerprint === key.fingerprint) return kept.executionIds
    throw usedBefore(key)
  })
}

/** The same for what is no call: the whole answer is kept. Without a key it is just done. @throws AppError `conflict`, as above. */
export function answerOnce(db: Db, key: OnceKey | null, work: (tx: Tx) => Promise<Answer>): Promise<Answer> {
  return db.transaction(async tx => {
    if (key === null) return work(tx)
    if (await insertKey(tx, key)) {
      const answer = await work(tx)
      await keepWhole(tx, key, answer)
      return answer
    }
    const kept = await findWhole(tx, key)
    if (kept?.fingerprint === key.fingerprint && kept.answer) return kept.answer
    throw usedBefore(key)
  })
}

function usedBefore({ key }: OnceKey): AppError {
  return new AppError(
    'conflict',
    `The Idempotency-Key "${key}" came with another request before. Give each request a key of its own, and repeat it unchanged.`,
  )
}

/** Forgets keys after a day. */
export async function forgetKeys({ db }: Pick<Core, 'db'>): Promise<void> {
  while ((await deletedKeys(db, keptHours, pageSize)) === pageSize);
}
