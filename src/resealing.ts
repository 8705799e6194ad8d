// Seals everything anew with the first master key, while the program runs: what somebody else sets at the same moment stays as he
// set it. Where sealed values lie, their domains say.
import type { Db } from './db/client.ts'
import { isSealedNow, seal, unseal } from './sealed.ts'

export interface SealedRow {
  id: string
  belongsTo: string
  sealed: string
}

export interface SealedPlace {
  what: string
  /** In order of their ids, from behind that one on. */
  rows(db: Db, after: string | null, limit: number): Promise<SealedRow[]>
  /** Only where it is still as it was read. */
  replace(db: Db, row: SealedRow, sealed: string): Promise<void>
}

export interface Resealed {
  what: string
  /** With the first key already. */
  current: number
  /** With another one that we have; they are sealed anew unless one only looks. */
  older: number
  /** With none that we have. */
  lost: string[]
}

const pageSize = 200

export async function reseal(
  db: Db,
  masterKey: string,
  place: SealedPlace,
  onlyLook: boolean,
): Promise<Resealed> {
  const found: Resealed = { what: place.what, current: 0, older: 0, lost: [] }
  for (let after: string | null = null; ; ) {
    const rows: SealedRow[] = await place.rows(db, after, pageSize)
    for (const row of rows) await resealRow(db, masterKey, place, row, onlyLook, found)
    after = rows.at(-1)?.id ?? null
    if (rows.length < pageSize) return found
  }
}

async function resealRow(
  db: Db,
  masterKey: string,
  place: SealedPlace,
  row: SealedRow,
  onlyLook: boolean,
  found: Resealed,
): Promise<void> {
  const text = tryToOpen(masterKey, row)
  if (text === null) found.lost.push(row.belongsTo)
  else if (isSealedNow(masterKey, row.sealed)) found.current += 1
  else {
    found.older += 1
    if (!onlyLook) await place.replace(db, row, seal(masterKey, row.belongsTo, text))
  }
}

function tryToOpen(masterKey: string, { belongsTo, sealed }: SealedRow): string | null {
  try {
    return unseal(masterKey, belongsTo, sealed)
  } catch {
    return null
  }
}
