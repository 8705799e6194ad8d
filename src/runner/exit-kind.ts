// What the end of a child process means. Pure. V8 aborts when its heap is full and says so on the error output; a kill by the
// kernel looks like any SIGKILL, and only the child's group, where it has one, knows that memory was the reason.
import os from 'node:os'
import type { Exit } from '../executions/outcome.ts'
import type { ChildEnd } from './child-process.ts'

export function exitOf(end: ChildEnd, heapMb: number): Exit {
  const { started, memoryLimitMb, stoodStill, ...how } = end
  if (stoodStill && how.signal === 'SIGKILL')
    return { kind: 'unavailable', message: 'Its worker stood still.' }
  if (!started) return { kind: 'unavailable', message: `No process could be started: ${how.stderr}` }
  const wasAborted = how.signal === 'SIGABRT' || how.signal === 'SIGTRAP'
  if (wasAborted && how.stderr.includes('heap out of memory'))
    return { kind: 'out_of_memory', memoryMb: heapMb }
  if (how.signal === 'SIGKILL' && memoryLimitMb !== null)
    return { kind: 'out_of_memory', memoryMb: memoryLimitMb }
  return { kind: 'exited', ...how }
}

// Where a shell or a sandbox stands between, 128 and the signal's number.
const signals = Object.entries(os.constants.signals).filter(([name]) => name !== 'SIGIOT') // another name of SIGABRT
const signalled = new Map(signals.map(([name, number]) => [128 + number, name]))

/** The signal that a process behind walls ended by, from the exit code of the walls. */
export function signalOf(code: number | null): string | null {
  return signalled.get(code ?? 0) ?? null
}
