// Variables, tokens and keys: the page, and what can be changed on it.
import type { FastifyInstance } from 'fastify'
import { listKeys } from '../../api/keys/keys-store.ts'
import { listTokens } from '../../api/tokens/tokens-store.ts'
import { listNames } from '../../environments/variables.ts'
import { AppError } from '../../errors.ts'
import { done } from '../../functions/outcome.ts'
import { demandRole } from '../actions/demand.ts'
import { environmentPath, type InEnvironment, type Pages, root } from '../context.ts'
import { environmentEvent } from '../events.ts'
import { goTo } from '../said.ts'
import { show } from '../show.ts'
import { type AccessView, accessPage } from './access-page.ts'
import { changes } from './change.ts'

const path = `${root}/:owner/:name/:environment/access`
const environment = { config: { console: 'environment' } } as const

export function accessRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { db } = console.core
  async function load(visit: InEnvironment, secret: AccessView['secret']): Promise<AccessView> {
    const repositoryId = visit.repository.id
    const [variables, shared, tokens, keys] = await Promise.all([
      listNames(db, { repositoryId, environmentId: visit.environment.id }),
      listNames(db, { repositoryId, environmentId: null }),
      listTokens(db, visit.environment.id),
      listKeys(db, repositoryId),
    ])
    return { visit, variables, shared, tokens, keys, secret }
  }
  web.get(path, environment, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    return show(request, reply, accessPage(await load(visit, null)))
  })
  web.post(`${path}/:change`, environment, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const { change: named } = request.params as { change: string }
    const change = Object.hasOwn(changes, named) ? changes[named] : undefined
    if (!change) throw new AppError('not_found', 'There is no such action.')
    await demandRole(console, visit, change.role)
    const changed = await change.work(console, visit, request.body as URLSearchParams)
    const event = environmentEvent(visit.environment, visit.person.login, changed.event, {
      data: { name: changed.name },
    })
    await console.core.db.transaction(tx => console.core.append(tx, event))
    if (changed.secret === undefined)
      return goTo(console, reply, `${environmentPath(visit)}/access`, done(changed.event, changed.message))
    // In the answer itself: nothing that is secret goes into an address, a cookie or the browser's cache.
    const secret = { what: changed.message.replace(/\.$/, ''), text: changed.secret }
    return show(request, reply, accessPage(await load(visit, secret)))
  })
}
