// Which environment and function the names of a command mean. Pure. The first name is an environment if one of that name is
// open in the repository; otherwise, on a pull request, a function of its preview.
import { code, codes } from '../functions/markdown.ts'
import { type Outcome, refused } from '../functions/outcome.ts'
import { suggest } from '../functions/suggest.ts'
import { misused } from './arguments.ts'
import type { Command } from './command.ts'

export interface Target<E> {
  kind: 'target'
  environment: E | null
  functionName: string | null
  /** The environment was not named: it is the preview of the pull request. */
  implied: boolean
}

interface Place<E> {
  /** Those open in the repository. */
  environments: readonly E[]
  /** Of the pull request the comment stands in, if it is open. */
  preview: E | null
}

export function resolveTarget<E extends { name: string }>(
  names: readonly string[],
  { environments, preview }: Place<E>,
  { target, usage }: Pick<Command, 'target' | 'usage'>,
): Target<E> | Outcome {
  const [first, second] = names
  const named = first === undefined ? null : findNamed(environments, first)
  const environment = named ?? preview
  const functionName = (named ? second : first) ?? null
  const takesFunction = target === 'environment or function' || target === 'function'
  if (first !== undefined && !named && (!preview || !takesFunction || second !== undefined))
    return unknown(first, environments)
  if (!environment && target !== 'none' && target !== 'any environment')
    return refused(
      'environment_required',
      `There is no open preview here, so name an environment. ${listOf(environments)} Usage: ${code(usage)}`,
    )
  if (target === 'function' && functionName === null)
    return misused('function_required', 'Name the function.', usage)
  return { kind: 'target', environment, functionName, implied: !named }
}

/** The preview of the pull request a comment stands in, if it is open. */
export function previewIn<E extends { pullNumber: number | null }>(
  environments: readonly E[],
  pullNumber: number | null,
): E | null {
  if (pullNumber === null) return null
  return environments.find(environment => environment.pullNumber === pullNumber) ?? null
}

/** Environments are lower-case by rule; a phone that writes Production means that one. */
export function findNamed<E extends { name: string }>(environments: readonly E[], name: string): E | null {
  const named = (wanted: string) => environments.find(environment => environment.name === wanted)
  return named(name) ?? named(name.toLowerCase()) ?? null
}

function unknown(name: string, environments: readonly { name: string }[]): Outcome {
  const near = suggest(
    name,
    environments.map(environment => environment.name),
  )
  const hint = near ? ` Did you mean ${code(near)}?` : ''
  return refused(
    'no_such_environment',
    `There is no open environment ${code(name)}.${hint} ${listOf(environments)}`,
  )
}

export function listOf(environments: readonly { name: string }[]): string {
  return environments.length === 0
    ? 'This repository has none yet: the first push to a mapped branch opens one.'
    : `Open here: ${codes(environments.map(environment => environment.name))}.`
}
