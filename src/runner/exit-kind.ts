// What the end of a child process means. Pure. V8 aborts when its heap is full and says so on the error output; the kernel's
// own out-of-memory kill looks like any SIGKILL and is told as such.
import type { Exit } from '../executions/outcome.ts'
import type { ChildEnd } from './child-process.ts'

const abortCode = 134 // 128 + SIGABRT, where a shell or a sandbox stands between

export function exitOf(end: ChildEnd, memoryMb: number): Exit {
  const wasAborted = end.signal === 'SIGABRT' || end.signal === 'SIGTRAP' || end.code === abortCode
  if (wasAborted && end.stderr.includes('heap out of memory')) return { kind: 'out_of_memory', memoryMb }
  if (end.code === null && end.signal === null)
    return { kind: 'unavailable', message: `No process could be started: ${end.stderr}` }
  return { kind: 'exited', ...end }
}
