// What each transition writes into the rows of the execution and of its attempt. Pure: data in, a row's values out.
import type { Transition } from './outcome.ts'
import type { Ending } from './settle-store.ts'

const untouched = {
  result: null,
  error: null,
  attemptError: null,
  code: null,
  retries: 0,
  delaySeconds: null,
} as const

/** Null: it writes nothing of its own; an abort is not what the attempt brought but what was promised. */
export function endingOf(transition: Transition): Ending | null {
  switch (transition.to) {
    case 'succeeded':
      return { ...untouched, state: 'succeeded', attemptState: 'succeeded', result: transition.result }
    case 'failed': {
      const error = JSON.stringify(transition.error)
      const { code } = transition
      return { ...untouched, state: 'failed', attemptState: 'failed', error, attemptError: error, code }
    }
    case 'retryLater': {
      const { code, delaySeconds } = transition
      const attemptError = JSON.stringify(transition.error)
      return {
        ...untouched,
        state: 'queued',
        attemptState: 'failed',
        attemptError,
        code,
        retries: 1,
        delaySeconds,
      }
    }
    case 'givenBack': {
      const attemptError = JSON.stringify({ message: transition.because })
      const delaySeconds = transition.delaySeconds > 0 ? transition.delaySeconds : null
      return { ...untouched, state: 'queued', attemptState: 'interrupted', attemptError, delaySeconds }
    }
    case 'aborted':
    case 'nothing':
      return null
  }
}
