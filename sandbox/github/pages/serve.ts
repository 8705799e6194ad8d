// Answers one page request. Forms that change something must come from our own pages; the two that other sites send on
// purpose change nothing by themselves (a manifest to confirm) or carry a secret (the exchange of a code).
import type { IncomingMessage } from 'node:http'
import { html } from '../../html.ts'
import { HttpError, page, Reply } from '../../http/reply.ts'
import { isSameOrigin, parseBody, readBody } from '../../http/request.ts'
import { peopleOf } from '../accounts.ts'
import type { World } from '../world.ts'
import { layout } from './layout.ts'
import { type PageRoutes, viewerOf } from './visit.ts'

const fromElsewhere =
  /^\/(settings\/apps\/new|organizations\/[^/]+\/settings\/apps\/new|login\/oauth\/access_token)$/

export async function servePage(
  world: World,
  routes: PageRoutes,
  request: IncomingMessage,
  url: URL,
): Promise<Reply> {
  const viewer = viewerOf(world, request.headers.cookie)
  try {
    return await answer(world, routes, request, url, viewer)
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const content = html`<h1>${error.status}</h1><p>${error.message}</p>${details(error)}`
    const people = peopleOf(world).map(account => account.login)
    return page(layout({ title: String(error.status), viewer, people, path: '/' }, content), error.status)
  }
}

function details(error: HttpError) {
  const { errors } = error.extra
  return Array.isArray(errors) ? errors.map(one => html`<p class="soft">${one?.message}</p>`) : ''
}

async function answer(
  world: World,
  routes: PageRoutes,
  request: IncomingMessage,
  url: URL,
  viewer: string,
): Promise<Reply> {
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname
  const { headers } = request
  if (method !== 'GET' && !fromElsewhere.test(path) && !isSameOrigin(headers)) {
    throw new HttpError(403, 'This form was sent by another site')
  }
  const match = routes.find(method, path)
  if (!match) throw new HttpError(404, 'There is no such page')
  const body = method === 'GET' ? {} : parseBody(await readBody(request), headers['content-type'])
  const call = { method, path, url, query: url.searchParams, params: match.params, headers, body }
  const result = await match.handler({ ...call, replyHeaders: {}, world, viewer })
  if (result instanceof Reply) return result
  throw new Error(`the page ${path} answered with no reply`)
}
