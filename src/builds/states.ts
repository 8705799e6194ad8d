// What a build may become next. The CHECK of builds.state has the same words; a test compares them. A build that was lost
// halfway starts again from fetching: nothing of an earlier try is taken over, so any unfinished state may go back there.
import type { builds } from '../db/schema.ts'

export type BuildState = (typeof builds.$inferSelect)['state']

export const next = {
  queued: ['fetching', 'failed', 'cancelled', 'superseded'],
  fetching: ['fetching', 'installing', 'failed', 'cancelled', 'superseded'],
  installing: ['fetching', 'generating', 'compiling', 'failed', 'cancelled', 'superseded'],
  generating: ['fetching', 'compiling', 'failed', 'cancelled', 'superseded'],
  compiling: ['fetching', 'publishing', 'failed', 'cancelled', 'superseded'],
  publishing: ['fetching', 'succeeded', 'failed', 'cancelled', 'superseded'],
  succeeded: [],
  failed: [],
  cancelled: [],
  superseded: [],
  unchanged: [], // admitted so: what it would have been made of is what another build was made of
} as const satisfies Record<BuildState, readonly BuildState[]>

const all = Object.keys(next) as BuildState[]

/** The states a build shows while it is worked on: also the names of the stages in its log. */
export type Stage = 'fetching' | 'installing' | 'generating' | 'compiling' | 'publishing'

export function isFinished(state: BuildState): boolean {
  return next[state].length === 0
}

/** From where a build can get to `state`: the guard of the statement that takes it there. */
export function statesBefore(state: BuildState): BuildState[] {
  return all.filter(from => next[from].some(to => to === state))
}
