// What every page needs of a visit: the world, and whom the visitor acts as (a cookie, chosen in the header).
import { HttpError } from '../../http/reply.ts'
import type { Call, Routes } from '../../http/routes.ts'
import { peopleOf } from '../accounts.ts'
import { atLeast, roleOf } from '../permission.ts'
import type { Issue, Repository, Role } from '../state.ts'
import { findAccount, findRepository, fullName, type World } from '../world.ts'

export type Visit = { world: World; viewer: string }
export type PageCall<Params extends string = never> = Call<Params> & Visit
export type PageRoutes = Routes<Visit>

export function viewerOf(world: World, cookie: string | undefined): string {
  const [, chosen = ''] = /(?:^|;\s*)sandbox_as=([\w-]+)/.exec(cookie ?? '') ?? []
  const account = findAccount(world, chosen)
  return account?.type === 'User' ? account.login : (peopleOf(world)[0]?.login ?? 'nobody')
}

export function visitedRepository(call: PageCall<'owner' | 'repo'>): Repository {
  const repository = findRepository(call.world, `${call.params.owner}/${call.params.repo}`)
  if (!repository) throw new HttpError(404, `There is no repository ${call.params.owner}/${call.params.repo}`)
  return repository
}

export function visitedIssue(repository: Repository, number: string): Issue {
  const issue = repository.issues.find(candidate => String(candidate.number) === number)
  if (!issue) throw new HttpError(404, `${fullName(repository)} has no number ${number}`)
  return issue
}

/** A field of the submitted form. */
export function field(call: { body: unknown }, name: string): string {
  const { body } = call
  const value = typeof body === 'object' && body !== null && name in body ? Object.entries(body) : []
  const found = value.find(([key]) => key === name)?.[1]
  return typeof found === 'string' ? found : ''
}

/** The form says as whom; that person must be allowed to. */
export function actingAs(call: PageCall, repository: Repository, needed: Role): string {
  const login = field(call, 'as') || call.viewer
  const role = roleOf(call.world, repository, login)
  if (atLeast(role, needed)) return login
  throw new HttpError(
    403,
    `${login} has the role "${role}" in ${fullName(repository)}; this needs "${needed}".`,
  )
}
