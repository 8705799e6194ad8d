// What runs in production is what is merged: said in a pull request, a deploy or a promotion to it is obeyed only once that is
// merged. Whoever says it there means what is in it, and that would not be what goes live.
import type { Environment } from '../environments/store.ts'
import { code } from '../functions/markdown.ts'
import { type Outcome, refused } from '../functions/outcome.ts'
import type { Context } from './command.ts'

/** Null: nothing is against it. */
export function unlessMerged(
  { inPull, looked }: Pick<Context, 'inPull' | 'looked'>,
  { name, production }: Pick<Environment, 'name' | 'production'>,
  command: string,
): Outcome | null {
  if (!production || !inPull || looked.here?.merged) return null
  return refused(
    'not_merged',
    `**${name}** is production, and this pull request is not merged, so ${code(`/${command}`)} did nothing. Merge it first; what is in its branch alone does not go live there. On an issue ${code(`/${command}`)} is about what is merged already.`,
  )
}
