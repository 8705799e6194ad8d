// Many variables at once, as from a dotenv file: what may not be one is left out and told why, the others are set in one
// transaction. What is the same already stays as it was set: no process is started anew because of it.
import type { Db, Tx } from '../db/client.ts'
import { refuseName, refuseValue } from './variable-rules.ts'
import { lockAndSave, type Setting, valuesOf } from './variables.ts'
import type { Owner } from './variables-store.ts'

export interface ImportedOne {
  name: string
  outcome: 'added' | 'changed' | 'unchanged' | 'refused'
  /** Of one that was refused. It never repeats the value. */
  reason: string | null
}

/** Ends a transaction of which nothing is to stay. */
class DryRun extends Error {}

/** Of a name that is there twice, the last one counts. @throws AppError `invalid` where they would be too much together. */
export async function importVariables(
  db: Db,
  masterKey: string,
  owner: Owner,
  settings: readonly Setting[],
  dryRun: boolean,
): Promise<ImportedOne[]> {
  const named = [...new Map(settings.map(one => [one.name, one])).values()]
  const results: ImportedOne[] = []
  try {
    await db.transaction(async tx => {
      const compare = await comparison(tx, masterKey, owner)
      results.push(...named.map(compare))
      const differs = new Set(results.filter(isNew).map(one => one.name))
      await lockAndSave(
        tx,
        masterKey,
        owner,
        named.filter(({ name }) => differs.has(name)),
      )
      if (dryRun) throw new DryRun()
    })
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
  }
  return results
}

const isNew = ({ outcome }: ImportedOne) => outcome === 'added' || outcome === 'changed'

async function comparison(tx: Tx, masterKey: string, owner: Owner) {
  const known = await valuesOf(tx, masterKey, owner)
  return ({ name, value, scope }: Setting): ImportedOne => {
    const reason = refuseName(name) ?? refuseValue(name, value)
    if (reason !== null) return { name, outcome: 'refused', reason }
    const there = known.get(name)
    if (!there) return { name, outcome: 'added', reason }
    const isSame = there.value === value && there.scope === scope
    return { name, outcome: isSame ? 'unchanged' : 'changed', reason }
  }
}
