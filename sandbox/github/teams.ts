// Teams of an organisation, children in parents: who is in a child team is in all above it.
import { need } from '../http/reply.ts'
import type { Team } from './state.ts'
import { findAccount, type World } from './world.ts'

/** Once per slug; members said again replace those there were. */
export function ensureTeam(world: World, organization: string, team: Team): Team {
  const account = need(findAccount(world, organization), 404, `There is no organisation ${organization}`)
  account.teams = [...(account.teams ?? []).filter(({ slug }) => slug !== team.slug), team]
  world.save()
  return team
}

export type Membership = { state: 'active' | 'pending'; role: 'member' | 'maintainer' }

/** Of the team itself or, as a member, of one below it; null: neither. */
export function membershipIn(
  world: World,
  organization: string,
  slug: string,
  login: string,
): Membership | null {
  const teams = findAccount(world, organization)?.teams ?? []
  const team = teams.find(candidate => candidate.slug === slug.toLowerCase())
  const account = findAccount(world, login)
  if (!team || !account) return null
  const own = team.members[account.login]
  if (own === 'pending') return { state: 'pending', role: 'member' }
  if (own) return { state: 'active', role: own }
  const below = teams.filter(({ parent }) => parent === team.slug)
  const within = below.some(child => {
    return membershipIn(world, organization, child.slug, account.login)?.state === 'active'
  })
  return within ? { state: 'active', role: 'member' } : null
}
