// The messages between a worker and its child process. What comes from a child is a stranger's input: user code shares its
// process, so shapes, sizes and the id in flight are checked. Values travel as JSON text: the child makes it, nobody remakes it.
import { z } from 'zod'
import { maxResultBytes } from './serialize.ts'

const maxErrorChars = 1024 * 1024

export interface ToChild {
  type: 'run'
  /** Random: user code cannot answer for a call it was not told of. */
  id: string
  /** A JSON array. */
  arguments: string
}

const ErrorText = z.string().max(maxErrorChars) // JSON of a FailureRecord

export const FromChild = z.discriminatedUnion('type', [
  /** Said once, before any code of the function's: without it, how the process ended says nothing of the function. */
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('broken'), error: ErrorText }),
  z.object({
    type: z.literal('returned'),
    id: z.string(),
    result: z.string().max(maxResultBytes).nullable(),
  }),
  z.object({ type: z.literal('threw'), id: z.string(), error: ErrorText }),
])
export type FromChild = z.infer<typeof FromChild>

export const FailureRecord = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  cause: z.unknown().optional(),
})
