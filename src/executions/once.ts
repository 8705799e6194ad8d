// Accepts a request once, however often a caller repeats it under the same key: the key is stored in the transaction that
// accepts the calls, so both are there or neither, and of many at once the others wait for the first.
import type { Db, Tx } from '../db/client.ts'
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import { deletedKeys, findAnswer, insertKey, keepAnswer, type OnceKey } from './once-store.ts'

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
    throw new AppError(
      'conflict',
      `The Idempotency-Key "${key.key}" came with another request before. Give each request a key of its own, and repeat it unchanged.`,
    )
  })
}

/** Forgets keys after a day. */
export async function forgetKeys({ db }: Pick<Core, 'db'>): Promise<void> {
  while ((await deletedKeys(db, keptHours, pageSize)) === pageSize);
}
