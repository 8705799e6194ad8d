// Back to an earlier build of an environment, or an earlier version of a function.
import { rollback } from '../../functions/rollback.ts'
import { findBuild, findFunctionByName, listEarlierVersions, releasedBuilds } from '../../functions/store.ts'
import type { Console } from '../context.ts'
import { html } from '../html/html.ts'
import { field, select } from '../html/parts.ts'
import { shortSha } from '../html/words.ts'
import { type Action, type Asked, onEither, ruleOf, written } from './action.ts'

export const rollbackAction: Action = {
  name: 'rollback',
  on: 'either',
  rule: ruleOf('rollback'),
  title: 'Roll back',
  lesson:
    'Executions that start from now on run the earlier code; those under way finish on the newer. The environment is pinned: pushes build, and go live when it is resumed.',
  async fields(console, asked) {
    const { form } = asked
    const targets = await targetsOf(console, asked)
    return html`${select('to', 'To', targets, form.get('to') ?? '')}${field({
      name: 'reason',
      label: 'Reason (optional)',
      value: form.get('reason') ?? '',
      hint: 'Stands beside the pin, wherever that is shown.',
    })}`
  },
  carryOut: ({ core }, asked, dryRun) =>
    rollback(core, {
      ...onEither(asked, dryRun),
      to: written(asked.form, 'to', 64),
      reason: written(asked.form, 'reason'),
    }),
}

async function targetsOf({ core: { db } }: Console, { visit, functionName }: Asked) {
  const { environment } = visit
  if (functionName !== null) {
    const one = await findFunctionByName(db, environment.id, functionName)
    const versions = one ? await listEarlierVersions(db, one) : []
    return versions.map(({ number, sha }) => ({
      value: String(number),
      label: `v${number} (${shortSha(sha)})`,
    }))
  }
  const live = environment.activeBuildId ? await findBuild(db, environment.activeBuildId) : null
  const builds = live ? await releasedBuilds(db, environment.id, live.number) : []
  return builds.map(({ number, sha, message }) => ({
    value: String(number),
    label: `build ${number} (${shortSha(sha)}) ${message.split('\n')[0]?.slice(0, 60) ?? ''}`,
  }))
}
