// What a build found: the functions of a project, each with its bundle and options. Written by the builder's discovery,
// stored with the build, read by the release. Pure: shapes and the fingerprint that decides whether anything changed.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { StoredCron } from './cron-settings.ts'

/** Seconds throughout. `maxAttempts` counts retries, not the first try (DEFER.md section 2). */
export const RetryPolicy = z.object({
  maxAttempts: z.number().int().min(0).max(1_000),
  initialInterval: z.number().min(0),
  randomizationFactor: z.number().min(0).max(1),
  multiplier: z.number().min(0),
  maxInterval: z.number().min(0),
})
export type RetryPolicy = z.infer<typeof RetryPolicy>

export const FunctionOptions = z.object({
  cron: StoredCron.nullable(),
  retry: RetryPolicy,
  concurrency: z.number().int().min(1).nullable(),
  maxDuration: z.number().positive().nullable(),
  maxConcurrencyAction: z.enum(['keep', 'cancel']),
  /** How long it may go on when its environment is drained; left out: as the drain says. */
  grace: z.number().min(0).max(86_400).optional(),
})
export type FunctionOptions = z.infer<typeof FunctionOptions>

export const FoundFunction = z.object({
  name: z.string().min(1),
  file: z.string(),
  /** The list of what it runs (builds/bundle-index.ts), and of the source maps. */
  bundleDigest: z.string(),
  sourceMapDigest: z.string(),
  /** Its code, however it was cut into files; older manifests have none. */
  codeDigest: z.string().optional(),
  options: FunctionOptions,
})
export type FoundFunction = z.infer<typeof FoundFunction>

export type Manifest = FoundFunction[]

/** Equal for equal code and options: such a function keeps its version. The source map does not count. */
export function fingerprint(found: FoundFunction): string {
  const { cron, retry, concurrency, maxDuration, maxConcurrencyAction, grace } = found.options
  const { maxAttempts, initialInterval, randomizationFactor, multiplier, maxInterval } = retry
  const content = [
    found.codeDigest ?? found.bundleDigest,
    [cron, concurrency, maxDuration, maxConcurrencyAction],
    [maxAttempts, initialInterval, randomizationFactor, multiplier, maxInterval],
    ...(grace === undefined ? [] : [grace]), // as without it, for versions from before there was one
  ]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
