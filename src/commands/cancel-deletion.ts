// /cancel-deletion: takes a scheduled deletion back, up to its last moment. Never harder to say than /delete.
import { cancelDeletion } from '../functions/deletion.ts'
import { type Command, functionOf } from './command.ts'
import { deleteCommand } from './delete.ts'

export const cancelDeletionCommand: Command = {
  name: 'cancel-deletion',
  usage: '/cancel-deletion [environment] <function>',
  help: 'Keeps a function whose deletion is scheduled.',
  mutates: true,
  minimum: deleteCommand.minimum,
  neverAbove: 'delete',
  onClosedPull: true,
  accepts: { names: 2 },
  target: 'function',
  run({ core, actor }, request) {
    return cancelDeletion(core, { ...functionOf(request), actor })
  },
}
