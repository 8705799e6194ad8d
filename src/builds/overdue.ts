// Which builds under way will come to nothing. Pure. A check that is never concluded blocks a merge for good, so each build ends
// by itself: its builder sees to that while there is one, this where there is none. One that waits while builders are
// at work waits on: it is only not its turn yet.
import type { Failure } from './failure.ts'

export interface UnderWay {
  id: string
  /** Since it was admitted, and since it was first begun; null: it waits still. */
  ageSeconds: number
  workedSeconds: number | null
  /** Whether a job stands for it: somebody will take it up, or has. */
  hasJob: boolean
  /** Whether any builder works on a build of its queue. */
  queueMoves: boolean
}

const limitSeconds = 30 * 60
/** Its own builder ends it first, if it can. */
const graceSeconds = 60
/** However busy the builders are: far from the fourteen days after which GitHub gives a check up. */
const longestWaitSeconds = 24 * 3_600

/** Null: let it be. */
export function overdue(build: UnderWay): Failure | null {
  const { ageSeconds, workedSeconds, hasJob, queueMoves } = build
  if (workedSeconds !== null && workedSeconds > limitSeconds + graceSeconds)
    return failure('out_of_time', 'The build took longer than 30 minutes, and its builder did not end it.')
  if (!hasJob && ageSeconds > graceSeconds)
    return failure('builder_absent', 'No builder works on this build any more: what stood for it was lost.')
  if (workedSeconds === null && ageSeconds > longestWaitSeconds)
    return failure('builder_absent', 'No builder came to this build within a day.')
  if (workedSeconds === null && ageSeconds > limitSeconds && !queueMoves)
    return failure('builder_absent', 'No builder took this build up within 30 minutes, and none is at work.')
  return null
}

function failure(code: 'out_of_time' | 'builder_absent', message: string): Failure {
  return { code, message: `${message}\nRe-run its check to build the commit again.`, annotations: [] }
}
