// What happened, in words: a past tense, and what it was about. Pure.
import { countChanges } from '../../builds/views/view.ts'
import type { Changes } from '../../functions/diff.ts'
import type { Happened } from './activity-store.ts'

const verbs: Record<string, string> = {
  'environment.opened': 'opened the environment',
  'environment.closed': 'closed the environment',
  'environment.paused': 'paused the environment',
  'environment.resumed': 'resumed the environment',
  'environment.draining': 'began to drain the environment',
  'environment.safe_to_stop': 'found the environment safe to stop',
  'environment.pinned': 'pinned the environment',
  'environment.unpinned': 'lifted the pin of the environment',
  'build.queued': 'asked for a build',
  'build.succeeded': 'built',
  'build.failed': 'failed to build',
  'build.cancelled': 'cancelled a build',
  'build.superseded': 'left out a build for a newer one',
  'build.unchanged': 'left out a build that changes nothing',
  'release.activated': 'made live',
  'release.replaced': 'replaced what was live',
  'function.paused': 'paused',
  'function.resumed': 'resumed',
  'function.archived': 'archived',
  'function.restored': 'restored',
  'function.deletion_scheduled': 'scheduled the deletion of',
  'function.deletion_cancelled': 'took back the deletion of',
  'function.deleted': 'deleted',
  'cron.missed': 'missed ticks of',
  'cron.skipped_overlap': 'left out an overlapping tick of',
  'execution.called': 'ran',
  'execution.cancelled': 'cancelled an execution of',
  'execution.rerun': 'reran an execution of',
  'executions.cancelled': 'cancelled executions',
  'executions.rerun': 'reran executions',
  'variable.set': 'set the variable',
  'variable.removed': 'removed the variable',
  'token.created': 'made the token',
  'token.revoked': 'revoked the token',
  'key.created': 'made the key',
  'key.revoked': 'revoked the key',
}

export function verbOf({ type, data }: Pick<Happened, 'type' | 'data'>): string {
  if (type === 'release.activated' && data.kind === 'rollback') return 'rolled back'
  return verbs[type] ?? type.replace('.', ' ').replaceAll('_', ' ')
}

/** Beside the function and the build: a reason, how many, what changed. */
export function detailOf({ type, data }: Pick<Happened, 'type' | 'data'>): string {
  const said: string[] = []
  if (type.startsWith('variable.') || type.startsWith('key.') || type.startsWith('token.'))
    said.push(String(data.name ?? ''))
  if (typeof data.count === 'number') said.push(`${data.count}`)
  if (typeof data.reason === 'string' && data.reason !== '') said.push(`“${data.reason}”`)
  if (typeof data.until === 'string') said.push(`until ${data.until.slice(0, 16).replace('T', ' ')} UTC`)
  if (isChanges(data.changes)) said.push(countChanges(data.changes))
  return said.join(', ')
}

function isChanges(value: unknown): value is Changes {
  const kinds = ['added', 'changed', 'unchanged', 'archived', 'restored']
  return (
    typeof value === 'object' &&
    value !== null &&
    kinds.every(kind => Array.isArray((value as Record<string, unknown>)[kind]))
  )
}
