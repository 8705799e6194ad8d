// What the pages of the console share: what they are given, and who visits what. A visit is made by guard.ts before a page's own
// code runs; a page that asks for one it has no right to is not reached.
import type { FastifyRequest } from 'fastify'
import type { Role } from '../environments/repository-file.ts'
import type { Environment, Repository } from '../environments/store.ts'
import type { ExecutionCore } from '../executions/payloads.ts'
import type { Wake } from '../executions/wake.ts'
import type { Log } from '../log.ts'
import type { Html } from './html/html.ts'
import type { Cookies } from './session/cookies.ts'
import type { OAuth } from './session/oauth.ts'
import type { Rights } from './session/rights.ts'
import type { Person } from './session/sessions-store.ts'

export interface Console {
  core: ExecutionCore
  masterKey: string
  /** How others reach us. */
  url: () => string
  githubUrl: string
  oauth: OAuth
  cookies: Cookies
  rights: Rights
  wake: Wake
  log: Log
}

export interface Visit {
  person: Person
  sessionHash: string
  /** For the forms of this page. */
  token: string
  /** What became of the form that led here. */
  said: Said | null
  now: Date
  /** The address of this page. */
  path: string
}

export interface Said {
  kind: 'done' | 'noop' | 'refused'
  message: string
}

export interface InRepository extends Visit {
  repository: Repository
  role: Role
}

export interface InEnvironment extends InRepository {
  environment: Environment
}

/** What a route says of itself; one that says nothing is refused when the program starts. */
export type Access = 'anybody' | 'signed in' | 'repository' | 'environment'

declare module 'fastify' {
  interface FastifyContextConfig {
    console?: Access
  }
}

export interface Visits {
  of(request: FastifyRequest): Visit
  inRepository(request: FastifyRequest): InRepository
  inEnvironment(request: FastifyRequest): InEnvironment
}

/** What a group of pages is registered with. */
export interface Pages {
  console: Console
  visits: Visits
}

export const root = '/console'

export const segment = (text: string) => encodeURIComponent(text)

export function repositoryPath({ owner, name }: Pick<Repository, 'owner' | 'name'>): string {
  return `${root}/${segment(owner)}/${segment(name)}`
}

export function environmentPath({
  repository,
  environment,
}: Pick<InEnvironment, 'repository' | 'environment'>): string {
  return `${repositoryPath(repository)}/${segment(environment.name)}`
}

export type { Html }
