// Answers one REST call: the fault it meets, who calls, where the repository went, the handler, the answer's headers.
import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { HttpError, json, Reply } from '../../http/reply.ts'
import { parseBody, readBody } from '../../http/request.ts'
import { authenticate } from '../authentication.ts'
import { countCall, nthFault } from '../calls.ts'
import { faultBody, meetFault, type RestFault } from '../faults.ts'
import { findRepository, fullName, repositoryById, type World } from '../world.ts'
import type { ApiRoutes } from './call.ts'

/** The connection is closed without an answer. */
export class Disconnect extends Error {}

export async function serveRest(
  world: World,
  routes: ApiRoutes,
  request: IncomingMessage,
  url: URL,
  path: string,
): Promise<Reply> {
  const method = request.method ?? 'GET'
  countCall(world.calls, method, path)
  const fault = (await meetFault(world.faults, method, path)) ?? nthFault(world.calls, world.faults)
  if (fault && !fault.after) return faultReply(fault)
  const reply = await answer(world, routes, request, url, path).catch(refusal)
  return fault ? faultReply(fault) : withHeaders(request, reply)
}

function faultReply(fault: RestFault): Reply {
  if (fault.disconnect) throw new Disconnect()
  return json(fault.status, faultBody(fault), fault.headers)
}

async function answer(
  world: World,
  routes: ApiRoutes,
  request: IncomingMessage,
  url: URL,
  path: string,
): Promise<Reply> {
  const method = request.method ?? 'GET'
  const body = parseBody(await readBody(request), request.headers['content-type'])
  const auth = authenticate(world, request.headers.authorization)
  const moved = movedTo(world, path)
  if (moved) return movedReply(world, method, moved + url.search)
  const present = byRepositoryId(world, path)
  const match = routes.find(method, present)
  if (!match) throw new HttpError(404, 'Not Found')
  const replyHeaders: Record<string, string> = {}
  const call = { method, path: present, url, query: url.searchParams, params: match.params }
  const { headers } = request
  const result = await match.handler({ ...call, headers, body, replyHeaders, world, auth })
  const reply = result instanceof Reply ? result : json(200, result)
  return new Reply(reply.status, reply.body, { ...reply.headers, ...replyHeaders })
}

/** A renamed or transferred repository answers under its old name with the address that never changes. */
function movedTo(world: World, path: string): string | null {
  const [, owner, name, rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? []
  if (!owner || !name || findRepository(world, `${owner}/${name}`)) return null
  const id = world.state.formerNames[`${owner}/${name}`.toLowerCase()]
  return id === undefined ? null : `/repositories/${id}${rest}`
}

function movedReply(world: World, method: string, path: string): Reply {
  const location = world.apiUrl + path
  const status = method === 'GET' || method === 'HEAD' ? 301 : 307
  return json(status, { message: 'Moved Permanently', url: location }, { Location: location })
}

function byRepositoryId(world: World, path: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(\/.*)?$/.exec(path) ?? []
  return id ? `/repos/${fullName(repositoryById(world, Number(id)))}${rest}` : path
}

export function refusal(error: unknown): Reply {
  if (!(error instanceof HttpError)) throw error
  return json(error.status, {
    message: error.message,
    documentation_url: 'https://docs.github.com/rest',
    status: String(error.status),
    ...error.extra,
  })
}

/** A conditional request whose answer has not changed costs nothing, as on GitHub. */
function withHeaders(request: IncomingMessage, reply: Reply): Reply {
  const headers: Record<string, string> = {
    'X-GitHub-Request-Id': randomUUID(),
    'X-GitHub-Enterprise-Version': 'enterprise-server@3.17.0',
    ...reply.headers,
  }
  if (request.method !== 'GET' || reply.status !== 200) return new Reply(reply.status, reply.body, headers)
  headers.ETag = `"${createHash('sha256').update(reply.body).digest('hex')}"`
  if (request.headers['if-none-match']?.replace(/^W\//, '') === headers.ETag)
    return new Reply(304, '', headers)
  return new Reply(200, reply.body, headers)
}
