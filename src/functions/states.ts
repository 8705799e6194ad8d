// What a function may become next. The CHECK in db/schema says which words there are; a test compares. Paused is an overlay
// and archived a mark: neither is a state, because each stands beside any of these.
import type { functionStates } from '../db/schema/columns.ts'

export type FunctionState = (typeof functionStates)[number]

export const next = {
  init: ['building', 'active', 'pending_deletion'],
  building: ['init', 'active', 'pending_deletion'],
  active: ['building', 'pending_deletion'],
  // Back to where it was: active when it has a version, init when it never had one.
  pending_deletion: ['init', 'active', 'deleted'],
  deleted: [],
} as const satisfies Record<FunctionState, readonly FunctionState[]>

export function mayBecome(from: FunctionState, to: FunctionState): boolean {
  return next[from].some(state => state === to)
}

/** Where a cancelled deletion leads: executions run again only if there is code to run. */
export function afterCancelledDeletion(activeVersionId: string | null): 'active' | 'init' {
  return activeVersionId === null ? 'init' : 'active'
}
