// What is said before a switch, and answered, as PostgreSQL's notifications carry it. Pure.
import { z } from 'zod'

export const warmChannels = { ask: 'sluice_warm', answer: 'sluice_warmed' }

/** What a process is started for. */
const ToWarm = z.object({
  environmentId: z.string(),
  functionId: z.string(),
  versionId: z.string(),
  bundleDigest: z.string(),
  sourceMapDigest: z.string(),
})
export type ToWarm = z.infer<typeof ToWarm>

/** `request`: whose answers are meant. */
export const WarmRequest = z.object({ request: z.string(), versions: z.array(ToWarm) })
export type WarmRequest = z.infer<typeof WarmRequest>

export const WarmAnswer = z.object({
  request: z.string(),
  worker: z.string(),
  state: z.enum(['starting', 'ready']),
})
export type WarmAnswer = z.infer<typeof WarmAnswer>

/** Null: nothing of ours; anybody may notify. */
export function readMessage<T>(shape: z.ZodType<T>, text: string): T | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** Of versions: a notification holds 8,000 bytes, and one of them takes less than 300. */
export const mostInOne = 20
