// Takes a deletion back.
import { cancelDeletion } from '../../functions/deletion.ts'
import { type Action, onFunction, ruleOf } from './action.ts'

export const cancelDeletionAction: Action = {
  name: 'cancel-deletion',
  on: 'function',
  rule: ruleOf('cancel-deletion'),
  title: 'Keep',
  lesson: 'Its deletion is taken back; what was held runs.',
  button: 'Cancel the deletion',
  carryOut: ({ core }, asked, dryRun) => cancelDeletion(core, onFunction(asked, dryRun)),
}
