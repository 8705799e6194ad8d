// Brings an archived function back.
import { restore } from '../../functions/restore.ts'
import { type Action, onFunction, ruleOf } from './action.ts'

export const restoreAction: Action = {
  name: 'restore',
  on: 'function',
  rule: ruleOf('restore'),
  title: 'Restore',
  lesson: 'It runs again, on the last version it had: first what was held, in order.',
  carryOut: ({ core }, asked, dryRun) => restore(core, onFunction(asked, dryRun)),
}
