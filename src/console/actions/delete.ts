// Schedules a function's deletion; outside previews its name has to be typed.
import { repositoryFileOf } from '../../environments/store.ts'
import { requestDeletion } from '../../functions/deletion.ts'
import { code } from '../../functions/markdown.ts'
import { refused } from '../../functions/outcome.ts'
import { html, nothing } from '../html/html.ts'
import { field } from '../html/parts.ts'
import { type Action, onFunction, ruleOf, written } from './action.ts'

export const deleteAction: Action = {
  name: 'delete',
  on: 'function',
  rule: ruleOf('delete'),
  title: 'Delete',
  lesson:
    'After its grace it is gone, with what it holds; the payloads are kept in a file. Until then it can be taken back.',
  danger: true,
  fields: (_console, { visit, functionName }) =>
    visit.environment.kind === 'preview'
      ? nothing
      : field({
          name: 'confirm',
          label: 'Type its name to confirm',
          required: true,
          hint: html`<code>${functionName}</code>`,
        }),
  async carryOut({ core }, asked, dryRun) {
    const { visit, functionName, form } = asked
    const confirmed = visit.environment.kind === 'preview' || written(form, 'confirm', 1_000) === functionName
    if (!confirmed && !dryRun)
      return refused(
        'confirmation_required',
        `That is not its name. Type ${code(functionName ?? '')} to confirm.`,
      )
    const graceSeconds = repositoryFileOf(visit.repository).functions.deletionGraceSeconds
    return requestDeletion(core, { ...onFunction(asked, dryRun), reason: 'user_requested', graceSeconds })
  },
}
