// Builder channels: which builder a build is for, and what becomes of it when that one fails. Pure. Every build comes to the
// stable builder first, which passes it on; what fails on another builder comes back, is built by stable and goes live if it
// can be built there: people who try a builder for us do not pay for it with a push that is not live.
import { type Failed, failed } from './failure.ts'

export const stable = 'stable'

/** Where it failed before it came to the stable builder. */
export interface FailedOn {
  channel: string
  version: string
  /** Of the failure. It comes through the queue, maybe from another version of Sluice. */
  code: string
}

/** As it is kept with the build. */
export interface BuiltBy {
  channel: string
  version: string
  failedOn?: FailedOn
}

export interface Channels {
  /** This builder's own. */
  own: string
  /** The others that the operator has set up. */
  others: readonly string[]
}

export type Assignment = { kind: 'here' } | { kind: 'pass'; to: string } | Failed

export function assignBuild(
  wanted: string,
  { own, others }: Channels,
  failedOn: FailedOn | null,
): Assignment {
  if (own !== stable) return wanted === own ? { kind: 'here' } : { kind: 'pass', to: stable }
  if (wanted === stable || failedOn !== null) return { kind: 'here' }
  if (others.includes(wanted)) return { kind: 'pass', to: wanted }
  return failed(
    'builder_unknown',
    `The environment asks for the builder "${wanted}", and there is no such one here. Set "builder" in .github/sluice.yml to ${offered(others)}, or have the operator set it up (SLUICE_BUILDERS).`,
  )
}

function offered(others: readonly string[]): string {
  return [stable, ...others].map(one => `"${one}"`).join(' or ')
}

export function queueOf(channel: string): 'build' | `build-${string}` {
  return channel === stable ? 'build' : `build-${channel}`
}
