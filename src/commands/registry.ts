// The commands there are, in the order /help lists them. A new one is a file beside this and a line here.
import { approveCommand } from './approve.ts'
import { archiveCommand } from './archive.ts'
import { cancelDeletionCommand } from './cancel-deletion.ts'
import type { Command } from './command.ts'
import { deleteCommand } from './delete.ts'
import { deployCommand } from './deploy.ts'
import { drainCommand } from './drain.ts'
import { helpCommand } from './help.ts'
import { logsCommand } from './logs.ts'
import { pauseCommand } from './pause.ts'
import { promoteCommand } from './promote.ts'
import { restoreCommand } from './restore.ts'
import { resumeCommand } from './resume.ts'
import { retryCommand } from './retry.ts'
import { rollbackCommand } from './rollback.ts'
import { statusCommand } from './status.ts'

export const registry: readonly Command[] = [
  helpCommand,
  statusCommand,
  logsCommand,
  deployCommand,
  approveCommand,
  promoteCommand,
  retryCommand,
  rollbackCommand,
  pauseCommand,
  drainCommand,
  resumeCommand,
  archiveCommand,
  restoreCommand,
  deleteCommand,
  cancelDeletionCommand,
]

export const commandNames = registry.map(command => command.name)

export function findCommand(name: string): Command | null {
  return registry.find(command => command.name === name) ?? null
}
