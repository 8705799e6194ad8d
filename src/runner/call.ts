// One call in a child, and what ends it: an answer, the end of the process, the time limit, the caller's signal. The first of
// these says what it was, also when an answer comes after it.
import type { Exit, NotBegun } from '../executions/outcome.ts'
import type { Call } from '../executions/ports.ts'
import type { Child } from './child-process.ts'
import type { Loaded, Reply } from './conversation.ts'
import { createEnding } from './ending.ts'
import { exitOf } from './exit-kind.ts'
import { threw } from './failure.ts'
import type { Answer } from './protocol.ts'

const longestTimerMs = 2 ** 31 - 1
const defaultGraceMs = 5_000
/** With the notification before and the commit after it: within a second. */
const cancelGraceMs = 750

export interface Ran {
  exit: Exit | NotBegun
  /** Null: the child has ended, or is about to; or it was not called. */
  answer: Answer | null
}

/** `reply`: resolves when its turn is over. */
export async function runCall(
  child: Child,
  { attempt, signal }: Call,
  memoryMb: number,
  reply: () => Promise<Reply>,
): Promise<Ran> {
  const ending = createEnding(child)
  const { maxDurationMs, graceMs = defaultGraceMs } = attempt
  const timer = setTimeout(
    () => ending.begin({ kind: 'timed_out', maxDurationMs }, 'timed_out', graceMs),
    Math.min(maxDurationMs, longestTimerMs),
  )
  const stop = () =>
    ending.begin({ kind: 'stopped' }, 'cancelled', signal.reason === 'aborted' ? cancelGraceMs : 0)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop() // before its turn
  try {
    const said = await reply()
    if (ending.exit() === null && said === 'late') return { exit: notBegun, answer: null }
    if (ending.exit() === null && said !== null && said !== 'late')
      return { exit: toExit(said), answer: said }
    child.kill()
    const how = await child.ended
    return { exit: ending.exit() ?? brokenBy(await child.loaded) ?? exitOf(how, memoryMb), answer: null }
  } finally {
    clearTimeout(timer)
    ending.clear()
    signal.removeEventListener('abort', stop)
  }
}

function brokenBy(loaded: Loaded | null): Exit | null {
  return loaded?.error ? threw(loaded.error) : null
}

const noJson = JSON.stringify({
  name: 'ResultNotSerializableError',
  message:
    "The function's process answered with something that is no JSON. Return the result, and leave the process's descriptor 3 alone.",
})

/** User code can get at the descriptor; what is stored as a result must be one, and never a reference to something else's. */
function isJson(text: string | null): boolean {
  if (text === null) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

export const notBegun: NotBegun = { kind: 'not_begun' }

/** One that was only warned, and gave up because of it, has not failed. */
function toExit({ kind, text, heard }: Answer): Exit {
  if (kind === 'returned') return isJson(text) ? { kind, result: text } : threw(noJson)
  return heard ? { kind: 'stopped' } : threw(text ?? '')
}
