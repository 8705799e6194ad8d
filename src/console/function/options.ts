// What a function's options are, in words, and what differs between two versions. Pure.
import { cronOf } from '../../functions/cron-settings.ts'
import type { FunctionOptions } from '../../functions/manifest.ts'
import { span } from '../html/words.ts'

export type Described = Record<string, string>

export function describe({
  cron,
  retry,
  concurrency,
  maxDuration,
  maxConcurrencyAction,
  grace,
}: FunctionOptions): Described {
  const settings = cron === null ? null : cronOf(cron)
  return {
    schedule: settings ? `${settings.schedule} ${settings.timezone}` : 'none',
    ...(settings ? { 'missed ticks': settings.missed, overlap: settings.overlap } : {}),
    retries:
      retry.maxAttempts === 0
        ? 'none'
        : `${retry.maxAttempts}, first after ${retry.initialInterval} s, × ${retry.multiplier}, at most ${retry.maxInterval} s`,
    concurrency: concurrency === null ? 'unlimited' : `${concurrency} at once`,
    ...(concurrency === null ? {} : { 'at the limit': maxConcurrencyAction }),
    'may take': span((maxDuration ?? 1_800) * 1_000),
    ...(grace === undefined ? {} : { grace: `${grace} s` }),
  }
}

export interface Difference {
  name: string
  before: string
  after: string
}

export function differences(before: Described, after: Described): Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map(name => ({ name, before: before[name] ?? 'none', after: after[name] ?? 'none' }))
    .filter(one => one.before !== one.after)
}
