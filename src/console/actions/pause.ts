// Pause of a function or an environment: with a reason, in production always, and with an end where one is given.
import { parseDuration } from '../../duration.ts'
import { code } from '../../functions/markdown.ts'
import { refused } from '../../functions/outcome.ts'
import { pause } from '../../functions/pause.ts'
import { html } from '../html/html.ts'
import { field } from '../html/parts.ts'
import { type Action, onEither, ruleOf, written } from './action.ts'

const longestSeconds = 365 * 86_400

export const pauseAction: Action = {
  name: 'pause',
  on: 'either',
  rule: ruleOf('pause'),
  title: 'Pause',
  lesson:
    'Executions are accepted and held; those under way finish. No deploy ends a pause: only resuming does, or the time you give.',
  fields: (_console, { visit, form }) =>
    html`${field({
      name: 'reason',
      label: visit.environment.production ? 'Reason' : 'Reason (optional)',
      value: form.get('reason') ?? '',
      required: visit.environment.production,
      hint: 'Others see it wherever the pause is shown.',
    })}${field({
      name: 'for',
      label: 'For (optional)',
      value: form.get('for') ?? '',
      placeholder: '2h',
      hint: 'Such as 30m, 2h or 7d. Left empty: until somebody resumes.',
    })}`,
  async carryOut({ core }, asked, dryRun) {
    const { form, visit } = asked
    const reason = written(form, 'reason')
    const length = written(form, 'for', 20)
    const seconds = length === null ? null : parseDuration(length)
    if (length !== null && (seconds === null || seconds > longestSeconds))
      return refused(
        'not_a_duration',
        `${code(length)} is no duration of at most a year, such as 30m, 2h or 7d.`,
      )
    if (visit.environment.production && reason === null && !dryRun)
      return refused('reason_required', `**${visit.environment.name}** is production: say why.`)
    const until = seconds === null ? null : new Date(visit.now.getTime() + seconds * 1_000)
    return pause(core, { ...onEither(asked, dryRun), reason, until })
  },
}
