// What a child says that its function threw: checked like all that comes from there. What is no such record is told as text.
import { z } from 'zod'
import type { Exit } from '../executions/outcome.ts'

const FailureRecord = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  cause: z.unknown().optional(),
})

export function threw(text: string): Extract<Exit, { kind: 'threw' }> {
  try {
    return { kind: 'threw', error: FailureRecord.parse(JSON.parse(text)) }
  } catch {
    return { kind: 'threw', error: { name: 'Error', message: text.slice(0, 1_000) } }
  }
}
