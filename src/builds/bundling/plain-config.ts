// `export const config = { … }` beside a plain function: what it may say, and the same in the form defer() leaves it in. A
// key we do not know is refused, because an option with a typing error would silently not hold. Pure.
import { z } from 'zod'
import type { RetryPolicy } from '../../functions/manifest.ts'

const retriesOfTrue = 13 // DEFER.md section 2

const Retry = z.union([
  z.boolean().transform(retries => ({ maxAttempts: retries ? retriesOfTrue : 0 })),
  z.number().transform(maxAttempts => ({ maxAttempts })),
  z
    .strictObject({
      maxAttempts: z.number(),
      initialInterval: z.number(),
      randomizationFactor: z.number(),
      multiplier: z.number(),
      maxInterval: z.number(),
    })
    .partial()
    .transform(given => ({ maxAttempts: retriesOfTrue, ...given })),
])

// The values themselves are judged with those of defer().
const Config = z.strictObject({
  cron: z.unknown().optional(), // functions/cron-settings.ts
  retry: Retry.nullish(),
  concurrency: z.number().nullish(),
  maxDuration: z.number().nullish(),
  maxConcurrencyAction: z.string().nullish(),
  grace: z.number().nullish(),
})

/** The metadata, with `noRetry` where nothing else is said; or what is wrong. */
export function metadataOf(config: unknown, noRetry: RetryPolicy): object | string {
  const given = Config.safeParse(config)
  if (given.success) return { ...given.data, retry: { ...noRetry, ...given.data.retry } }
  const [issue] = given.error.issues
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 0)
    return `config has no option ${issue.keys.join(', ')}; there are ${Object.keys(Config.shape).join(', ')}`
  const place = issue?.path.join('.') || 'config'
  return place === 'retry'
    ? 'retry: must be true, a number of retries, or an object with maxAttempts, initialInterval, randomizationFactor, multiplier, maxInterval (numbers)'
    : `${place}: ${issue?.message ?? 'cannot be used'}`
}
