// Defines background functions: what the builder finds in a `defer/` folder, and what an application calls. The options are
// judged by the builder (docs/functions.md); here they only get the form in which it reads them.
import type { Duration } from './duration.ts'
import { enqueue } from './enqueue.ts'
import type { Execution } from './execution.ts'

/** Takes and returns JSON. */
export type AnyFunction = (...args: never[]) => unknown

export interface RetryPolicy {
  maxAttempts: number
  initialInterval: number
  randomizationFactor: number
  multiplier: number
  maxInterval: number
}

export interface CronOptions {
  schedule: string
  /** Of a place, such as "Europe/Berlin". Default: UTC. */
  timezone?: string | undefined
  /** What becomes of ticks for which nobody was there. Default: one for all of them. */
  missed?: 'skip' | 'one' | 'all' | undefined
  /** What becomes of a tick while an earlier one runs. Default: both run. */
  overlap?: 'skip' | 'queue' | 'allow' | undefined
}

/** Times are seconds. */
export interface FunctionOptions {
  retry?: boolean | number | Partial<RetryPolicy> | undefined
  concurrency?: number | undefined
  maxDuration?: number | undefined
  maxConcurrencyAction?: 'keep' | 'cancel' | undefined
  grace?: number | undefined
}

export interface ExecutionOptions {
  /** Not before then. */
  delay?: Duration | Date | undefined
  /** Not if it could not start until then. */
  discardAfter?: Duration | Date | undefined
  metadata?: Record<string, string> | undefined
  /** Seconds, 0 to 600, by which its place in the queue is earlier (docs/calling.md). */
  priority?: number | undefined
  /** Under one key a call is accepted once a day. Default: a fresh one for each call. */
  idempotencyKey?: string | undefined
}

export interface Manifest {
  name: string
  version: number
  cron?: string | CronOptions
  retry: RetryPolicy
  concurrency?: number | undefined
  maxDuration?: number | undefined
  maxConcurrencyAction?: 'keep' | 'cancel' | undefined
  grace?: number | undefined
}

/** Called, it enqueues; what it was made of runs on the server. */
export interface BackgroundFunction<F extends AnyFunction = AnyFunction> {
  (...args: Parameters<F>): Promise<Execution>
  __fn: F
  __metadata: Manifest
  __execOptions?: ExecutionOptions
}

const formOfMetadata = 6 // as @defer/client 2.x counts

const noRetry: RetryPolicy = {
  maxAttempts: 0,
  initialInterval: 30,
  randomizationFactor: 0.5,
  multiplier: 1.5,
  maxInterval: 600,
}
const retriesOfTrue = 13

export function defer<F extends AnyFunction>(fn: F, options: FunctionOptions = {}): BackgroundFunction<F> {
  return create(fn, metadataOf(fn, options))
}

/** With five fields, or an object that holds them as its `schedule`. */
defer.cron = <F extends AnyFunction>(
  fn: F,
  cron: string | CronOptions,
  options: FunctionOptions = {},
): BackgroundFunction<F> => create(fn, { ...metadataOf(fn, options), cron })

/** The same function with other options of its calls; those it had stay where nothing else is said. */
export function assignOptions<F extends AnyFunction>(
  fn: BackgroundFunction<F>,
  options: ExecutionOptions,
): BackgroundFunction<F> {
  return create(fn.__fn, fn.__metadata, { ...fn.__execOptions, ...options })
}

export const delay = <F extends AnyFunction>(fn: BackgroundFunction<F>, time: Duration | Date) =>
  assignOptions(fn, { delay: time })

export const addMetadata = <F extends AnyFunction>(
  fn: BackgroundFunction<F>,
  metadata: Record<string, string>,
) => assignOptions(fn, { metadata: { ...fn.__execOptions?.metadata, ...metadata } })

export const discardAfter = <F extends AnyFunction>(fn: BackgroundFunction<F>, time: Duration | Date) =>
  assignOptions(fn, { discardAfter: time })

function create<F extends AnyFunction>(
  fn: F,
  metadata: Manifest,
  options?: ExecutionOptions,
): BackgroundFunction<F> {
  const call = (...args: Parameters<F>) => enqueue({ name: fn.name, args, options: options ?? {} })
  return Object.assign(call, {
    __fn: fn,
    __metadata: metadata,
    ...(options ? { __execOptions: options } : {}),
  })
}

function metadataOf(fn: AnyFunction, { retry, ...options }: FunctionOptions): Manifest {
  return { name: fn.name, version: formOfMetadata, ...options, retry: retryOf(retry) }
}

function retryOf(retry: FunctionOptions['retry']): RetryPolicy {
  if (typeof retry === 'number') return { ...noRetry, maxAttempts: retry }
  if (typeof retry !== 'object') return { ...noRetry, maxAttempts: retry ? retriesOfTrue : 0 }
  return { ...noRetry, maxAttempts: retriesOfTrue, ...retry }
}
