// Archive by hand.
import { archive } from '../../functions/archive.ts'
import { type Action, onFunction, ruleOf } from './action.ts'

export const archiveAction: Action = {
  name: 'archive',
  on: 'function',
  rule: ruleOf('archive'),
  title: 'Archive',
  lesson:
    'It leaves this table and its schedule rests. Executions are accepted and held, whatever is deployed, until it is restored.',
  carryOut: ({ core }, asked, dryRun) => archive(core, onFunction(asked, dryRun)),
}
