// Before any page: who is it, may they see this repository, and (of what changes something) was it sent from a page of ours. What
// somebody may not see is not there for them: nobody learns what others have.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { findEnvironmentByName, findRepositoryByName } from '../environments/store.ts'
import { AppError } from '../errors.ts'
import type { Access, Console, InEnvironment, InRepository, Visit, Visits } from './context.ts'
import { readSaid } from './said.ts'
import { formToken, isFormToken, isFromElsewhere } from './session/csrf.ts'
import { maySee } from './session/rights.ts'
import { hashOf } from './session/sessions.ts'
import { findSession, sessionUsed } from './session/sessions-store.ts'

type Found = Visit & Partial<InRepository> & Partial<InEnvironment>

export function guard(web: FastifyInstance, console: Console): Visits {
  const visits = new WeakMap<FastifyRequest, Found>()
  web.addHook('onRoute', route => {
    if (!route.config?.console) throw new Error(`the route ${route.url} does not say who may see it`)
  })
  web.addHook('preHandler', async (request, reply) => {
    const access = request.routeOptions.config.console
    // Of what is not there no route says anything.
    if (access === undefined || access === 'anybody') return
    const visit = await enter(console, request, access)
    if (request.method !== 'GET' && request.method !== 'HEAD') demandOwnForm(console, request, visit)
    if (visit.said && request.method === 'GET')
      reply.header('set-cookie', console.cookies.write('said', '', 0))
    visits.set(request, visit)
  })
  const of = (request: FastifyRequest): Found => {
    const visit = visits.get(request)
    if (!visit) throw new AppError('unauthorized', 'Sign in first.')
    return visit
  }
  return {
    of,
    inRepository: request => of(request) as InRepository,
    inEnvironment: request => of(request) as InEnvironment,
  }
}

async function enter(console: Console, request: FastifyRequest, access: Access): Promise<Found> {
  const visit = await signedIn(console, request)
  if (access === 'signed in') return visit
  const { owner = '', name = '', environment: named = '' } = request.params as Record<string, string>
  const { db } = console.core
  const repository = await findRepositoryByName(db, owner, name)
  const role = repository ? await console.rights.roleIn(repository, visit.person.login) : 'none'
  if (!repository || !maySee(repository, role)) throw notThere(`the repository ${owner}/${name}`)
  if (access === 'repository') return { ...visit, repository, role }
  const environment = await findEnvironmentByName(db, repository.id, named)
  if (!environment) throw notThere(`an environment ${named} in ${owner}/${name}`)
  return { ...visit, repository, role, environment }
}

async function signedIn(console: Console, request: FastifyRequest): Promise<Visit> {
  const { core, cookies, masterKey } = console
  const cookie = cookies.read(request, 'session')
  const sessionHash = cookie === null ? '' : hashOf(cookie)
  const person = cookie === null ? null : await findSession(core.db, sessionHash)
  if (!person) throw new AppError('unauthorized', 'Sign in first.')
  // Nothing depends on it, so nothing waits for it.
  void sessionUsed(core.db, sessionHash).catch(() => {})
  return {
    person,
    sessionHash,
    token: formToken(masterKey, sessionHash),
    said: readSaid(console, request),
    now: new Date(),
    path: request.url,
  }
}

function demandOwnForm({ masterKey, url }: Console, request: FastifyRequest, visit: Visit): void {
  const { body } = request
  const token = body instanceof URLSearchParams ? body.get('token') : null
  if (!isFromElsewhere(request, url()) && isFormToken(masterKey, visit.sessionHash, token ?? '')) return
  throw new AppError(
    'forbidden',
    'This form did not come from a page of this console, or you signed in anew since. Nothing was changed. Go back, reload the page and send it again.',
  )
}

const notThere = (what: string) =>
  new AppError(
    'not_found',
    `There is no such thing here as ${what.slice(0, 200)}, or you may not see it. Seeing one takes a role on the repository: read on a private one, triage on a public one.`,
  )
