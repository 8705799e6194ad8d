// The actions there are.
import type { Action } from './action.ts'
import { archiveAction } from './archive.ts'
import { cancelDeletionAction } from './cancel-deletion.ts'
import { deleteAction } from './delete.ts'
import { drainAction } from './drain.ts'
import { pauseAction } from './pause.ts'
import { restoreAction } from './restore.ts'
import { resumeAction } from './resume.ts'
import { retryAction } from './retry.ts'
import { rollbackAction } from './rollback.ts'
import { runAction } from './run.ts'

export const actions: readonly Action[] = [
  pauseAction,
  resumeAction,
  archiveAction,
  restoreAction,
  deleteAction,
  cancelDeletionAction,
  rollbackAction,
  drainAction,
  runAction,
  retryAction,
]

export function findAction(name: string): Action | null {
  return actions.find(action => action.name === name) ?? null
}
