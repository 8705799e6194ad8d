// What an execution may become, as a table of named transitions: each SQL statement that changes a state is named after one
// and guards its `from`. The schema's CHECKs say the same again; a test compares. Pure.

export const transitions = {
  claimed: { from: ['queued'], to: 'running' },
  cancelled: { from: ['queued'], to: 'cancelled' },
  discarded: { from: ['queued'], to: 'discarded' },
  succeeded: { from: ['running'], to: 'succeeded' },
  failed: { from: ['running'], to: 'failed' },
  retryLater: { from: ['running'], to: 'queued' },
  givenBack: { from: ['running'], to: 'queued' },
  // Whatever the attempt brings after a promised abort: the execution ends as aborted.
  aborting: { from: ['running'], to: 'aborting' },
  aborted: { from: ['aborting'], to: 'aborted' },
} as const satisfies Record<string, { from: readonly string[]; to: string }>

export type State = (typeof transitions)[keyof typeof transitions]['to']

export const finished = [
  'succeeded',
  'failed',
  'cancelled',
  'aborted',
  'discarded',
] as const satisfies State[]

export type FinishedState = (typeof finished)[number]

export function isFinished(state: State): state is FinishedState {
  return finished.some(final => final === state)
}

export function mayBecome(from: State, to: State): boolean {
  return Object.values(transitions).some(
    row => row.to === to && row.from.some((state: string) => state === from),
  )
}

export type Cancellation = 'cancel' | 'abort' | 'already_aborting' | 'refuse'

/** What a request to cancel does. Before the start at once; afterwards only by force. */
export function cancellationOf(state: State, force: boolean): Cancellation {
  if (state === 'queued') return 'cancel'
  if (!force) return 'refuse'
  if (state === 'running') return 'abort'
  return state === 'aborting' ? 'already_aborting' : 'refuse'
}
