// /retry: builds the newest commit of an environment once more, as "Re-run" of its check does.
import { rebuild } from '../builds/admission/rebuild.ts'
import { isFinished } from '../builds/states.ts'
import { transact } from '../functions/dry-run.ts'
import { code } from '../functions/markdown.ts'
import { done, noop, refused } from '../functions/outcome.ts'
import { type Command, targetOf } from './command.ts'
import { newestBuild } from './store.ts'

export const retryCommand: Command = {
  name: 'retry',
  usage: '/retry [environment]',
  help: 'Builds the newest commit of an environment once more.',
  mutates: true,
  minimum: { preview: 'write', named: 'write' },
  onClosedPull: false,
  accepts: { names: 1 },
  target: 'environment',
  async run({ core, actor }, request) {
    const { environment, environmentId, dryRun } = targetOf(request)
    const build = await newestBuild(core.db, environmentId)
    if (!build) return refused('nothing_built', `Nothing was built for **${environment.name}** yet.`)
    const which = `build ${build.number} (${code(build.sha.slice(0, 7))}) of **${environment.name}**`
    if (!isFinished(build.state))
      return noop('under_way', `There is nothing to repeat: ${which} is under way.`)
    return transact(core.db, dryRun, async tx => {
      await rebuild({ ...core, db: tx }, { buildId: build.id, actor })
      return done('retried', `The commit of ${which} is built once more.`)
    })
  },
}
