// Builds the newest commit of an environment once more.

import { rebuild } from '../../builds/admission/rebuild.ts'
import { isFinished } from '../../builds/states.ts'
import { retryCommand } from '../../commands/retry.ts'
import { newestBuild } from '../../commands/store.ts'
import { transact } from '../../functions/dry-run.ts'
import { code } from '../../functions/markdown.ts'
import { done, noop, refused } from '../../functions/outcome.ts'
import { type Action, ruleOf } from './action.ts'

export const retryAction: Action = {
  name: 'retry',
  on: 'environment',
  rule: ruleOf(retryCommand.name),
  title: 'Build again in',
  lesson: 'The newest commit is built once more, as “Re-run” of its check does.',
  button: 'Build again',
  async carryOut({ core }, { visit: { environment, person } }, dryRun) {
    const build = await newestBuild(core.db, environment.id)
    if (!build) return refused('nothing_built', `Nothing was built for **${environment.name}** yet.`)
    const which = `build ${build.number} (${code(build.sha.slice(0, 7))})`
    if (!isFinished(build.state)) return noop('under_way', `${which} is under way.`)
    return transact(core.db, dryRun, async tx => {
      await rebuild({ ...core, db: tx }, { buildId: build.id, actor: person.login })
      return done('retried', `The commit of ${which} is built once more.`)
    })
  },
}
