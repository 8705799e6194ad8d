// What children find in their environment: asked for each attempt, and the same object for as long as nothing of it changed, so
// that a warm child's needs no more than a look.
import path from 'node:path'
import { harmless } from '../isolation/harmless.ts'

type Variables = Readonly<Record<string, string>>

/** What functions of an environment are to find in theirs. */
export type EnvironmentFor = (environmentId: string) => Variables | Promise<Variables>

/** What all of them find, whatever they are given. */
export const fixed = {
  TZ: 'UTC',
  NODE_ENV: 'production',
  PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  LANG: 'C.UTF-8',
}
const mostKept = 1_000

export function createEnvironments(environmentFor: EnvironmentFor): EnvironmentFor {
  const kept = new Map<string, { given: Variables; environment: Variables }>()
  return async environmentId => {
    const given = await environmentFor(environmentId)
    const known = kept.get(environmentId)
    if (known && isSame(known.given, given)) return known.environment
    const environment = { ...harmless(given), ...fixed }
    if (kept.size >= mostKept) kept.clear()
    kept.set(environmentId, { given, environment })
    return environment
  }
}

function isSame(one: Variables, other: Variables): boolean {
  if (one === other) return true
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every(name => Object.hasOwn(other, name) && one[name] === other[name])
  )
}
