// A dry run is the real thing, rolled back at the end: what it says it would do is what it did, up to the commit.
import type { Db, Tx } from '../db/client.ts'
import type { Outcome } from './outcome.ts'

class RolledBack extends Error {
  readonly outcome: Outcome
  constructor(outcome: Outcome) {
    super('dry run')
    this.outcome = outcome
  }
}

/** Runs `work` in one transaction; with `dryRun` nothing of it stays, and the outcome says so. */
export async function transact(
  db: Db,
  dryRun: boolean,
  work: (tx: Tx) => Promise<Outcome>,
): Promise<Outcome> {
  if (!dryRun) return db.transaction(work)
  try {
    return await db.transaction(async tx => {
      throw new RolledBack(await work(tx))
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    const { kind, code, message } = error.outcome
    return kind === 'done'
      ? { kind: 'noop', code: 'dry_run', message: `Dry run, nothing was changed. It would say: ${message}` }
      : { kind, code, message }
  }
}
