// What children find in their environment: asked for each attempt, and the same object for as long as nothing of it changed, so
// that a warm child's needs no more than a look.
import path from 'node:path'
import { harmless } from '../isolation/harmless.ts'

type Variables = Readonly<Record<string, string>>

/** What a version of a function is to find in its environment. */
export type EnvironmentFor = (environmentId: string, versionId: string) => Variables | Promise<Variables>

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
  return async (environmentId, versionId) => {
    const given = await environmentFor(environmentId, versionId)
    const key = `${environmentId} ${versionId}`
    const known = kept.get(key)
    if (known && isSame(known.given, given)) return known.environment
    const environment = { ...harmless(given), ...fixed }
    if (kept.size >= mostKept) kept.clear()
    kept.set(key, { given, environment })
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
