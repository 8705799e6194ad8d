// The variables that functions of an environment are given, read at most once a second: every attempt asks. A change counts
// for whatever starts a second later; until then nobody could tell it from one that came later.
import type { Db } from '../db/client.ts'
import { findEnvironment } from './store.ts'
import { readVariables } from './variables.ts'

const freshMs = 1_000
const maxKept = 1_000

export type RunVariables = (environmentId: string) => Promise<Record<string, string>>

export function createVariablesReader(db: Db, masterKey: string): RunVariables {
  const kept = new Map<string, { until: number; values: Promise<Record<string, string>> }>()

  async function read(environmentId: string): Promise<Record<string, string>> {
    const environment = await findEnvironment(db, environmentId)
    if (!environment) throw new Error(`environment ${environmentId} does not exist`)
    return (await readVariables(db, masterKey, environment)).run.values
  }

  return environmentId => {
    const known = kept.get(environmentId)
    if (known && performance.now() < known.until) return known.values
    if (kept.size >= maxKept) kept.clear()
    const values = read(environmentId)
    kept.set(environmentId, { until: performance.now() + freshMs, values })
    values.catch(() => kept.delete(environmentId)) // the world's failure, which may be over at the next try
    return values
  }
}
