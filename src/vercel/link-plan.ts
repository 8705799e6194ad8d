// What a link has to change on a Vercel project, and which of its variables are copied. Pure: what is wanted and what is there in,
// changes out. Said twice, the second time there is nothing to do.
import { refuseName, refuseValue } from '../environments/variable-rules.ts'
import type { Target, VercelVariable } from './vercel-api.ts'

/** Where a value holds: a target, of previews perhaps one branch. */
export interface Slot {
  target: Target
  gitBranch: string | null
}

export interface Wanted extends Slot {
  key: string
}

export function find(
  there: readonly VercelVariable[],
  { key, target, gitBranch }: Wanted,
): VercelVariable | null {
  const same = there.find(
    one => one.key === key && (one.target ?? []).includes(target) && (one.gitBranch || null) === gitBranch,
  )
  return same ?? null
}

/** A variable that is of other targets, too, cannot be given another value for one of them. */
export function sharesTargets(one: VercelVariable): boolean {
  return (one.target ?? []).length > 1
}

export interface Copied {
  copied: { name: string; value: string }[]
  /** Each with why. */
  left: { name: string; reason: string }[]
}

/** `names`: those that are asked for, all there are where it is null. Of a branch, its own comes before that of all previews. */
export function toCopy(
  there: readonly VercelVariable[],
  slot: Slot,
  names: readonly string[] | null,
): Copied {
  const fitting = there.filter(
    one => (one.target ?? []).includes(slot.target) && (!one.gitBranch || one.gitBranch === slot.gitBranch),
  )
  const sorted = fitting.toSorted((a, b) => Number(Boolean(a.gitBranch)) - Number(Boolean(b.gitBranch)))
  const byName = new Map(sorted.map(one => [one.key, one]))
  const result: Copied = { copied: [], left: [] }
  for (const name of names ?? [...byName.keys()].filter(isOthers).sort()) {
    const reason = reasonNot(byName.get(name), name, slot)
    if (reason === null) result.copied.push({ name, value: byName.get(name)?.value ?? '' })
    else result.left.push({ name, reason })
  }
  return result
}

/** Ours are Vercel's to use, not to come back. */
function isOthers(name: string): boolean {
  return !name.startsWith('SLUICE_') && !name.startsWith('VERCEL_')
}

function reasonNot(one: VercelVariable | undefined, name: string, { target }: Slot): string | null {
  if (!one) return `${name} is no variable of the project for ${target}`
  if (one.type === 'system') return `${name} is of Vercel itself`
  if (one.type === 'sensitive' || one.value == null || one.value === '')
    return `${name} is shown to nobody by Vercel: set it by "sluice variables set"`
  return refuseName(name) ?? refuseValue(name, one.value)
}
