// One Web API call: the failure it was told to have, the token, the method. Slack answers 200 even when it refuses.
import type { IncomingMessage } from 'node:http'
import { json, type Reply } from '../http/reply.ts'
import { parseBody, readBody } from '../http/request.ts'
import { type Answer, type Arguments, refuse } from './messages.ts'
import { methods } from './methods.ts'
import type { Failure, Workspace } from './workspace.ts'

export async function serveApi(
  workspace: Workspace,
  request: IncomingMessage,
  url: URL,
  method: string,
): Promise<Reply> {
  const given = toArguments(url, parseBody(await readBody(request), request.headers['content-type']))
  const failure = workspace.failures.get(method)?.shift()
  if (failure !== undefined) return failed(failure)
  const refused = refuseToken(workspace, request.headers.authorization, given)
  if (refused) return json(200, refused)
  const answer = methods[method]
  return json(200, answer ? answer(workspace, given) : refuse('unknown_method'))
}

function failed(failure: Failure): Reply {
  if (typeof failure === 'string') return json(200, refuse(failure))
  if ('status' in failure) return json(failure.status, refuse('fatal_error'))
  return json(429, refuse('ratelimited'), { 'Retry-After': String(failure.retryAfterSeconds) })
}

function refuseToken(workspace: Workspace, header: string | undefined, given: Arguments): Answer | null {
  const token = header?.replace(/^Bearer /i, '') ?? given.token
  if (!token) return refuse('not_authed')
  return token === workspace.token ? null : refuse('invalid_auth')
}

const jsonFields = ['blocks', 'attachments', 'metadata', 'view']

/** Forms carry structured arguments as JSON texts; JSON bodies carry them as they are. */
function toArguments(url: URL, body: unknown): Arguments {
  const given: Arguments = {
    ...Object.fromEntries(url.searchParams),
    ...(typeof body === 'object' ? body : {}),
  }
  for (const field of jsonFields) {
    const value = given[field]
    if (typeof value === 'string') given[field] = parsed(value)
  }
  return given
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
