// Drains an environment, for a breaking change.
import { parseDuration } from '../../duration.ts'
import { drain } from '../../functions/drain.ts'
import { code } from '../../functions/markdown.ts'
import { refused } from '../../functions/outcome.ts'
import { field } from '../html/parts.ts'
import { type Action, onFunction, ruleOf, written } from './action.ts'

export const drainAction: Action = {
  name: 'drain',
  on: 'environment',
  rule: ruleOf('drain'),
  title: 'Drain',
  lesson:
    'Before a breaking migration: nothing begins any more, what is under way comes to its end within the grace. Executions are accepted and held until you resume.',
  fields: (_console, { form }) =>
    field({
      name: 'for',
      label: 'Grace (optional)',
      value: form.get('for') ?? '',
      placeholder: '60s',
      hint: 'Such as 30s or 15m, at most a day.',
    }),
  async carryOut({ core }, asked, dryRun) {
    const grace = written(asked.form, 'for', 20)
    const graceSeconds = grace === null ? null : parseDuration(grace)
    if (grace !== null && (graceSeconds === null || graceSeconds > 86_400))
      return refused('not_a_duration', `${code(grace)} is no grace of at most a day, such as 30s, 15m or 2h.`)
    return drain(core, { ...onFunction(asked, dryRun), graceSeconds })
  },
}
