// Git over HTTP for one repository: who may read and write it, and what a push sets off.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { send } from '../http/listen.ts'
import { HttpError, Reply } from '../http/reply.ts'
import { authenticate, loginOf } from './authentication.ts'
import { serveGit } from './git/smart-http.ts'
import { type Auth, can } from './permission.ts'
import { refsChanged } from './pushes.ts'
import type { Repository } from './state.ts'
import { findRepository, type World } from './world.ts'

const services = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/

export function isGitPath(path: string): boolean {
  return services.test(path)
}

export async function serveRepository(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [, owner = '', name = '', service = ''] = services.exec(url.pathname) ?? []
  const repository = repositoryAt(world, `${owner}/${name}`)
  const writes = service === '/git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack'
  const auth = authOrNobody(world, request.headers.authorization)
  if (!repository || !can(world, auth, repository, 'contents', writes ? 'write' : 'read')) {
    return send(response, refusal(auth, repository))
  }
  const user = auth.kind === 'anonymous' ? 'anonymous' : loginOf(world, auth)
  await serveGit({
    root: join(world.dir, 'repositories'),
    hooks: join(world.dir, 'hooks'),
    folder: `/${repository.id}.git`,
    service,
    user,
    request,
    response,
    pushed: changes => refsChanged(world, repository, changes, user),
  })
}

/** Old names keep working for git, without a redirect the client would have to follow. */
function repositoryAt(world: World, full: string): Repository | undefined {
  const id = world.state.formerNames[full.toLowerCase()]
  return findRepository(world, full) ?? world.state.repositories.find(repository => repository.id === id)
}

function authOrNobody(world: World, header: string | undefined): Auth {
  try {
    return authenticate(world, header)
  } catch (error) {
    if (error instanceof HttpError) return { kind: 'anonymous' }
    throw error
  }
}

/** Nobody is asked for a password; somebody who may not is told so. */
function refusal(auth: Auth, repository: Repository | undefined): Reply {
  if (auth.kind === 'anonymous') {
    return new Reply(401, 'Authentication required\n', { 'WWW-Authenticate': 'Basic realm="GitHub sandbox"' })
  }
  return repository ? new Reply(403, 'Permission denied\n') : new Reply(404, 'Repository not found\n')
}
