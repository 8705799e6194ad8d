// Which environment a workflow's token is for: that of the branch it ran on, and no other. Pure.
import type { Claims } from './claims.ts'

export interface Candidate {
  id: string
  name: string
  branch: string
}

export type Decision<T> = { kind: 'allowed'; environment: T } | { kind: 'refused'; message: string }

const events: readonly string[] = ['push', 'workflow_dispatch', 'schedule', 'release']
const headsPrefix = 'refs/heads/'

/** Null: the token is of no branch; a tag may have a branch's name. */
export function branchOf({ ref, ref_type }: Pick<Claims, 'ref' | 'ref_type'>): string | null {
  const isBranch = ref_type === 'branch' && ref.startsWith(headsPrefix) && ref.length > headsPrefix.length
  return isBranch ? ref.slice(headsPrefix.length) : null
}

/** `open`: the repository's open environments that are no previews. `asked`: its name, where the caller gave one. */
export function decide<T extends Candidate>(
  claims: Pick<Claims, 'event_name' | 'ref' | 'ref_type'>,
  open: readonly T[],
  asked: string | undefined,
): Decision<T> {
  const refused = (message: string) => ({ kind: 'refused', message }) as const
  const event = claims.event_name
  if (!events.includes(event))
    return refused(
      `A workflow started by "${event.slice(0, 50)}" gets no key: it may run the code of somebody who may not deploy. Start it by ${events.join(', ')}. Pull requests need no workflow, the GitHub App builds their previews.`,
    )
  const branch = branchOf(claims)
  if (branch === null)
    return refused(`"${claims.ref.slice(0, 200)}" is no branch; environments are deployed from branches.`)
  const landing = open.filter(one => one.branch === branch)
  const [only] = landing
  if (!only) return refused(`No open environment is deployed from the branch ${branch.slice(0, 200)}.`)
  if (asked === undefined && landing.length === 1) return { kind: 'allowed', environment: only }
  const names = landing.map(one => one.name).join(', ')
  if (asked === undefined)
    return refused(`The branch ${branch.slice(0, 200)} is deployed to ${names}: name one as "environment".`)
  const environment = landing.find(one => one.name === asked)
  if (environment) return { kind: 'allowed', environment }
  return refused(
    `The environment "${asked}" is not deployed from the branch ${branch.slice(0, 200)}; ${names} is.`,
  )
}
