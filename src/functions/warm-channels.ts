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

/** `request`: whose answers are meant. Many versions come in several parts, in their order. */
export const WarmRequest = z.object({
  request: z.string(),
  versions: z.array(ToWarm),
  isLast: z.boolean().default(true),
})
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
const mostInOne = 20

export function inParts(request: string, versions: ToWarm[]): WarmRequest[] {
  const amount = Math.ceil(versions.length / mostInOne)
  return Array.from({ length: amount }, (_, part) => ({
    request,
    versions: versions.slice(part * mostInOne, (part + 1) * mostInOne),
    isLast: part === amount - 1,
  }))
}
