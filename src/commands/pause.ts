// /pause: holds a function or an environment. In production it takes a reason: others will want to know.
import { parseDuration } from '../duration.ts'
import { code } from '../functions/markdown.ts'
import { refused } from '../functions/outcome.ts'
import { pause } from '../functions/pause.ts'
import { misused } from './arguments.ts'
import { type Command, targetOf } from './command.ts'

const longestSeconds = 365 * 86_400

export const pauseCommand: Command = {
  name: 'pause',
  usage: '/pause [environment] [function] [for <duration>] ["reason"]',
  help: 'Accepts executions and holds them, until it is resumed or the time is over. Production takes a reason.',
  mutates: true,
  minimum: { preview: 'maintain', named: 'maintain' },
  onClosedPull: true,
  accepts: { names: 2, keyword: 'for', text: true },
  target: 'environment or function',
  async run({ core, actor, now }, request) {
    const { environment, ...target } = targetOf(request)
    const seconds = request.value === null ? null : parseDuration(request.value)
    if (request.value !== null && (seconds === null || seconds > longestSeconds))
      return misused(
        'not_a_duration',
        `${code(request.value)} is no duration of at most a year, such as 30m, 2h or 7d.`,
        pauseCommand.usage,
      )
    const reason = request.text?.trim() || null
    if (environment.production && reason === null)
      return refused(
        'reason_required',
        `**${environment.name}** is production: say why in quotes, as in ${code(`/pause ${environment.name} "database upgrade"`)}.`,
      )
    const until = seconds === null ? null : new Date(now.getTime() + seconds * 1_000)
    return pause(core, { ...target, actor, reason, until })
  },
}
