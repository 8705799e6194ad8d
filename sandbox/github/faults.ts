// Misbehaviour on demand, for tests: webhooks that come late, twice, out of order or not at all, and REST calls that
// fail. Everything may be changed while the server runs.
import type { Delivery } from './webhooks/deliveries.ts'

/** How many of them: all (true), a share between 0 and 1, or those the function picks. */
export type Share = boolean | number | ((delivery: Delivery) => boolean)

export type RestFault = {
  /** Any method when absent. */
  method?: string
  /** Matched against the path below /api/v3; a text matches anywhere in it. */
  pathPattern: string | RegExp
  status: number
  /** How often, once by default. */
  times?: number
  headers?: Record<string, string>
  body?: unknown
  /** Do what was asked, then answer with the fault: created, but the caller cannot know. */
  after?: boolean
  /** Close the connection instead of answering. */
  disconnect?: boolean
  /** Hold the call until this resolves, then do it as if nothing had been; `status` does not count then. */
  until?: Promise<unknown>
}

export type Faults = {
  /** Webhooks that wait together leave in a random order. */
  shuffle: boolean
  duplicate: Share
  drop: Share
  delayMs: number
  /** Where chance comes from; replace it for a repeatable run. */
  random: () => number
  rest: RestFault[]
  /** Each nth call besides meets one of these, in turn; 0: none does. */
  often: { every: number; faults: Omit<RestFault, 'pathPattern' | 'times'>[] }
}

export function noFaults(): Faults {
  return {
    shuffle: false,
    duplicate: false,
    drop: false,
    delayMs: 0,
    random: Math.random,
    rest: [],
    often: { every: 0, faults: [] },
  }
}

export function applies(share: Share, delivery: Delivery, random: () => number): boolean {
  if (typeof share === 'function') return share(delivery)
  if (typeof share === 'boolean') return share
  return random() < share
}

/** The fault this call meets, counted down; the first that matches. */
export function takeFault(faults: Faults, method: string, path: string): RestFault | null {
  const fault = faults.rest.find(candidate => matches(candidate, method, path))
  if (!fault) return null
  fault.times = (fault.times ?? 1) - 1
  if (fault.times <= 0) faults.rest.splice(faults.rest.indexOf(fault), 1)
  return fault
}

function matches(fault: RestFault, method: string, path: string): boolean {
  if (fault.method && fault.method.toUpperCase() !== method) return false
  return typeof fault.pathPattern === 'string'
    ? path.includes(fault.pathPattern)
    : fault.pathPattern.test(path)
}

/** The fault to answer with, after what it holds was waited for. */
export async function meetFault(faults: Faults, method: string, path: string): Promise<RestFault | null> {
  const fault = takeFault(faults, method, path)
  if (!fault?.until) return fault
  await fault.until
  return null
}

const messages: Record<number, string> = {
  403: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  404: 'Not Found',
  429: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  500: 'Server Error',
  502: 'Server Error',
  503: 'Service unavailable',
}

export function faultBody(fault: RestFault): unknown {
  if (fault.body !== undefined) return fault.body
  const message = messages[fault.status] ?? 'Sandbox fault'
  return { message, documentation_url: 'https://docs.github.com/rest' }
}
