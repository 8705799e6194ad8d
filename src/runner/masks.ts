// What a process was given is taken out of what it prints and throws; what it returns is its caller's. A mask for each environment,
// made when something of it is first said.
import { createMask, type Mask } from '../builds/mask.ts'
import type { Exit, FailureRecord, NotBegun } from '../executions/outcome.ts'
import { fixed } from './environments.ts'

type Variables = Readonly<Record<string, string>>

/** Ours, and no secret. */
const open = new Set([...Object.keys(fixed), 'DEFER_ENDPOINT'])

export function createMasks(): (environment: Variables) => Mask {
  const made = new WeakMap<Variables, Mask>()
  return environment => (text, isRest) => {
    const mask = made.get(environment) ?? createMask(secretsIn(environment))
    made.set(environment, mask)
    return mask(text, isRest)
  }
}

export function secretsIn(environment: Variables): string[] {
  return Object.entries(environment)
    .filter(([name]) => !open.has(name))
    .map(([, value]) => value)
}

export function maskExit<E extends Exit | NotBegun>(exit: E, mask: Mask): E {
  if (exit.kind === 'threw') return { ...exit, error: maskRecord(exit.error, mask) }
  if (exit.kind === 'exited') return { ...exit, stderr: mask(exit.stderr, true) }
  return exit
}

const maskRecord = (error: FailureRecord, mask: Mask): FailureRecord => ({
  ...error,
  name: mask(error.name),
  message: mask(error.message),
  ...(error.stack === undefined ? {} : { stack: mask(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: maskDeep(error.cause, mask) }),
})

/** It came as JSON, so that it has no circles. */
function maskDeep(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map(one => maskDeep(one, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [mask(name), maskDeep(one, mask)]))
}
