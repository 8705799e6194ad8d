// /promote: what is live in one environment goes live in another, unbuilt. The target's name has to be typed twice.
import { promote } from '../builds/promote.ts'
import { code } from '../functions/markdown.ts'
import { refused } from '../functions/outcome.ts'
import { misused } from './arguments.ts'
import { type Command, targetOf } from './command.ts'
import { unlessMerged } from './merged-only.ts'
import { findNamed, listOf } from './target.ts'

export const promoteCommand: Command = {
  name: 'promote',
  usage: '/promote <from> <to> --confirm <to>',
  help: 'Makes what is live in one environment live in another: the same artifacts, warmed and then switched at once.',
  mutates: true,
  minimum: { preview: 'maintain', named: 'maintain' },
  neverBelow: 'write',
  onClosedPull: true,
  onCommits: true,
  accepts: { names: 2, confirm: true },
  target: 'environments',
  looks: true,
  async run(context, request) {
    const { core, actor, environments } = context
    const { environment: from, functionName: name } = targetOf(request)
    if (name === null)
      return misused('target_required', 'Name the environment it is to go live in.', promoteCommand.usage)
    const to = findNamed(environments, name)
    if (!to)
      return refused(
        'no_such_environment',
        `There is no open environment ${code(name)}. ${listOf(environments)}`,
      )
    const unmerged = unlessMerged(context, to, 'promote')
    if (unmerged) return unmerged
    const promotion = { fromId: from.id, environmentId: to.id, actor }
    const { confirm, dryRun } = request
    if (dryRun || confirm === to.name) return promote(core, { ...promotion, dryRun })
    // Said without confirmation it is a question: what would happen, and how to say that it is meant.
    const plan = await promote(core, { ...promotion, dryRun: true })
    if (plan.code !== 'dry_run') return plan
    const mismatch = confirm === null ? '' : `${code(confirm)} is not its name. `
    const typed = code(`/promote ${from.name} ${to.name} --confirm ${to.name}`)
    return refused('confirmation_required', `${mismatch}${plan.message} To do it: ${typed}.`)
  },
}
