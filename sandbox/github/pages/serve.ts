// Answers one page request; forms that change something must come from our own pages.
import type { IncomingMessage } from 'node:http'
import { HttpError, type Reply } from '../../http/reply.ts'
import type { World } from '../world.ts'
import type { PageRoutes } from './routes.ts'

export async function servePage(
  world: World,
  routes: PageRoutes,
  request: IncomingMessage,
  url: URL,
): Promise<Reply> {
  throw new HttpError(404, `Not Found ${routes} ${world} ${request} ${url}`)
}
