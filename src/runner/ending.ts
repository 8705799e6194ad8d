// How a call is brought to its end before it ended itself: it is told first, by its signal, and ended by force when the grace is
// over, or at once when nobody in it listens. The first reason is what it was; a later, harder one only makes it quicker.
import type { Exit } from '../executions/outcome.ts'
import type { Child } from './child-process.ts'
import type { Told } from './protocol.ts'

export interface Ending {
  /** Null: nothing has ended it. */
  exit(): Exit | null
  /** `graceMs` 0: at once. */
  begin(exit: Exit, told: Told, graceMs: number): void
  /** It is over: nothing more is done to it. */
  clear(): void
}

export function createEnding(child: Pick<Child, 'tell' | 'kill'>): Ending {
  let ended: Exit | null = null
  let force: NodeJS.Timeout | undefined
  return {
    exit: () => ended,
    begin(exit, told, graceMs) {
      const isFirst = ended === null
      ended ??= exit
      if (graceMs === 0) return child.kill()
      if (!isFirst) return
      force = setTimeout(child.kill, graceMs)
      child.tell(told, child.kill)
    },
    clear: () => clearTimeout(force),
  }
}
