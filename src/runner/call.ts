// One call in a child, and what ends it: an answer, the end of the process, the time limit, the caller's signal. The first of
// these says what it was, also when an answer comes right after.
import type { Exit } from '../executions/outcome.ts'
import type { Attempt } from '../executions/ports.ts'
import type { Child } from './child-process.ts'
import { exitOf } from './exit-kind.ts'
import { threw } from './failure.ts'
import type { Answer } from './protocol.ts'

const longestTimerMs = 2 ** 31 - 1

export interface Ran {
  exit: Exit
  /** Null: the child has ended, or is about to. */
  answer: Answer | null
}

export async function runCall(
  child: Child,
  attempt: Attempt,
  signal: AbortSignal,
  memoryMb: number,
): Promise<Ran> {
  let ended: Exit | null = null
  const end = (exit: Exit) => {
    ended ??= exit
    child.kill()
  }
  const { maxDurationMs } = attempt
  const timer = setTimeout(
    () => end({ kind: 'timed_out', maxDurationMs }),
    Math.min(maxDurationMs, longestTimerMs),
  )
  const stop = () => end({ kind: 'stopped' })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop() // while the child was being started
  try {
    const loaded = await child.loaded
    if (loaded?.error && ended === null) ended = threw(loaded.error)
    const answer = loaded?.error === null ? await child.call(attempt.arguments) : null
    if (ended === null && answer !== null) return { exit: toExit(answer), answer }
    child.kill()
    const how = await child.ended
    return { exit: ended ?? exitOf(how, memoryMb), answer: null }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

function toExit({ kind, text }: Answer): Exit {
  return kind === 'returned' ? { kind, result: text } : threw(text ?? '')
}
