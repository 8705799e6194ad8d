// What a release changes: the functions that are there against those a build found. Pure. Removed ones are archived, never
// deleted; those that come back are restored; one that somebody archived by hand stays so, with the new code behind it.

export interface Live {
  name: string
  /** Of the version that is live; null: it never had one. */
  fingerprint: string | null
  archived: 'removed_from_code' | 'by_hand' | null
}

export interface Found {
  name: string
  fingerprint: string
}

/** Names, each list in order. A restored function stands in `restored` alone, whether or not its code changed. */
export interface Changes {
  added: string[]
  changed: string[]
  unchanged: string[]
  archived: string[]
  restored: string[]
}

export function diffFunctions(live: readonly Live[], found: readonly Found[]): Changes {
  const before = new Map(live.map(one => [one.name, one]))
  const after = new Set(found.map(one => one.name))
  const changes: Changes = { added: [], changed: [], unchanged: [], archived: [], restored: [] }
  for (const one of found) changes[fateOf(before.get(one.name), one)].push(one.name)
  for (const one of live) {
    if (!after.has(one.name) && one.archived === null && one.fingerprint !== null)
      changes.archived.push(one.name)
  }
  for (const names of Object.values(changes)) names.sort()
  return changes
}

function fateOf(before: Live | undefined, found: Found): 'added' | 'changed' | 'unchanged' | 'restored' {
  if (!before || before.fingerprint === null) return 'added'
  if (before.archived === 'removed_from_code') return 'restored'
  return before.fingerprint === found.fingerprint ? 'unchanged' : 'changed'
}

export function changesNothing(changes: Changes): boolean {
  return [changes.added, changes.changed, changes.archived, changes.restored].every(
    names => names.length === 0,
  )
}
