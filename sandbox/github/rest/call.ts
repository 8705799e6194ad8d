// What every REST handler starts with: the repository it may use, who acts, a checked body, a page of a list.
import type * as z from 'zod'
import { HttpError, need } from '../../http/reply.ts'
import type { Call, Routes } from '../../http/routes.ts'
import { loginOf } from '../authentication.ts'
import type { Author } from '../comments.ts'
import { type Access, type Auth, can, canSee } from '../permission.ts'
import type { App, Issue, PullIssue, Repository } from '../state.ts'
import { appById, findRepository, isPull, type World } from '../world.ts'

export type Api = { world: World; auth: Auth }
export type ApiCall<Params extends string = never> = Call<Params> & Api
export type ApiRoutes = Routes<Api>

type Wanted = {
  /** One of these suffices. */
  permission?: string | string[]
  access?: Access
  /** What a person needs, when that differs from what an App needs. */
  personAccess?: Access
}

/** Not to see a private repository looks like its absence; to see but not to be allowed is a 403. */
export function repositoryOf(call: ApiCall<'owner' | 'repo'>, wanted: Wanted = {}): Repository {
  const { world, auth, params } = call
  const repository = need(findRepository(world, `${params.owner}/${params.repo}`))
  if (!canSee(world, auth, repository)) throw new HttpError(404, 'Not Found')
  const { permission = 'metadata', access = 'read', personAccess = access } = wanted
  const needed = auth.kind === 'installation' ? access : personAccess
  const permissions = Array.isArray(permission) ? permission : [permission]
  if (permissions.some(name => name === 'metadata' || can(world, auth, repository, name, needed)))
    return repository
  if (auth.kind === 'anonymous') throw new HttpError(401, 'Requires authentication')
  const integration = auth.kind === 'installation'
  throw new HttpError(403, integration ? 'Resource not accessible by integration' : 'Must have write access')
}

export function actorOf(call: Api): string {
  return loginOf(call.world, call.auth)
}

export function authorOf(call: Api): Author {
  const app = call.auth.kind === 'installation' ? call.auth.installation.app : null
  return { login: actorOf(call), app }
}

/** Calls made with an App's own JWT. */
export function appOf(call: Api): App {
  if (call.auth.kind !== 'app') throw new HttpError(401, 'A JSON web token could not be decoded')
  return appById(call.world, call.auth.app)
}

export function bodyOf<T>(call: { body: unknown }, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(call.body)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(issue => ({
    field: issue.path.join('.'),
    code: 'invalid',
    message: issue.message,
  }))
  const first = errors[0]
  throw new HttpError(422, `Invalid request.\n\n${first?.field}: ${first?.message}`, { errors })
}

export function issueOf(repository: Repository, number: string): Issue {
  return need(repository.issues.find(issue => String(issue.number) === number))
}

export function pullOf(repository: Repository, number: string): PullIssue {
  const issue = issueOf(repository, number)
  if (!isPull(issue)) throw new HttpError(404, 'Not Found')
  return issue
}

export function byId<T extends { id: number }>(list: T[], id: string): T {
  return need(list.find(item => String(item.id) === id))
}

/** The page asked for, with the `Link` header that leads to the others. */
export function pageOf<T>(call: Call<never> & Api, list: T[]): T[] {
  const perPage = bounded(call.query.get('per_page'), 30, 100)
  const page = bounded(call.query.get('page'), 1, Number.MAX_SAFE_INTEGER)
  const last = Math.max(1, Math.ceil(list.length / perPage))
  const links: [string, number][] = []
  if (page > 1) links.push(['prev', page - 1], ['first', 1])
  if (page < last) links.push(['next', page + 1], ['last', last])
  if (links.length > 0)
    call.replyHeaders.Link = links.map(([rel, number]) => link(call, rel, number)).join(', ')
  return list.slice((page - 1) * perPage, page * perPage)
}

function bounded(text: string | null, usual: number, most: number): number {
  const number = Number.parseInt(text ?? '', 10)
  return Number.isInteger(number) && number > 0 ? Math.min(number, most) : usual
}

function link(call: Call<never> & Api, rel: string, page: number): string {
  const url = new URL(call.world.apiUrl + call.path)
  for (const [name, value] of call.query) url.searchParams.set(name, value)
  url.searchParams.set('page', String(page))
  return `<${url.href}>; rel="${rel}"`
}
