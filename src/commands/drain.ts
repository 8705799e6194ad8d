// /drain: nothing of an environment begins any more, and what is under way comes to an end; for a breaking migration.
import { parseDuration } from '../duration.ts'
import { drain } from '../functions/drain.ts'
import { code } from '../functions/markdown.ts'
import { misused } from './arguments.ts'
import { type Command, targetOf } from './command.ts'

const longestSeconds = 86_400

export const drainCommand: Command = {
  name: 'drain',
  usage: '/drain <environment> [for <grace>]',
  help: 'Begins nothing any more and lets what is under way come to an end, a minute where no grace is given. Executions are accepted and held until it is resumed.',
  mutates: true,
  minimum: { preview: 'maintain', named: 'maintain' },
  onClosedPull: true,
  accepts: { names: 1, keyword: 'for' },
  target: 'environment',
  async run({ core, actor }, request) {
    const { environmentId, dryRun } = targetOf(request)
    const graceSeconds = request.value === null ? null : parseDuration(request.value)
    if (request.value !== null && (graceSeconds === null || graceSeconds > longestSeconds))
      return misused(
        'not_a_duration',
        `${code(request.value)} is no grace of at most a day, such as 30s, 15m or 2h.`,
        drainCommand.usage,
      )
    return drain(core, { environmentId, dryRun, actor, graceSeconds })
  },
}
