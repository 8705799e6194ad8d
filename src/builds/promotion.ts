// Whether what is live in one environment may go live in another as it is. Pure. Bundles hold what they were built with, and
// run with the variables of where they run: so both have to be of the same folder, nothing built in may differ, and
// nothing that is asked for at run may be missing.
import { inEffect } from '../environments/variable-rules.ts'
import { code, codes } from '../functions/markdown.ts'
import { type Outcome, refused } from '../functions/outcome.ts'

interface Side {
  id: string
  name: string
  kind: 'branch' | 'preview'
  root: string
}

interface Variable {
  name: string
  environmentId: string | null
  scope: 'build' | 'run' | 'both'
}

/** Null: it may. `variables`: the repository's and both environments' own. */
export function refusePromotion(from: Side, to: Side, variables: readonly Variable[]): Outcome | null {
  if (from.id === to.id)
    return refused('same_environment', `**${from.name}** cannot be promoted to itself; name another.`)
  const preview = [from, to].find(side => side.kind === 'preview')
  if (preview)
    return refused(
      'is_a_preview',
      `**${preview.name}** is a preview; only what ran on a branch is promoted, and only to a branch's environment.`,
    )
  if (from.root !== to.root)
    return refused(
      'different_root',
      `**${from.name}** is built from ${code(from.root)} and **${to.name}** from ${code(to.root)}: they hold different functions.`,
    )
  const builtIn = ownNames(variables, [from, to], ['build', 'both'])
  if (builtIn.length > 0)
    return refused(
      'build_variables_differ',
      `Builds of **${from.name}** and **${to.name}** are given variables of their own (${codes(builtIn)}), which their bundles may hold. Give them to functions only (scope run), or to the whole repository.`,
    )
  const missing = missingAtRun(from, to, variables)
  if (missing.length > 0)
    return refused(
      'variables_missing',
      `Functions in **${from.name}** are given ${codes(missing)}, and in **${to.name}** they would not be. Set them there first.`,
    )
  return null
}

function ownNames(variables: readonly Variable[], sides: Side[], scopes: Variable['scope'][]): string[] {
  const own = variables.filter(
    ({ environmentId, scope }) => scopes.includes(scope) && sides.some(side => side.id === environmentId),
  )
  return [...new Set(own.map(({ name }) => name))].sort()
}

function missingAtRun(from: Side, to: Side, variables: readonly Variable[]): string[] {
  const atRun = ({ id }: Side) =>
    inEffect(variables, id).flatMap(({ name, scope }) => (scope === 'build' ? [] : [name]))
  const there = new Set(atRun(to))
  return atRun(from)
    .filter(name => !there.has(name))
    .sort()
}
