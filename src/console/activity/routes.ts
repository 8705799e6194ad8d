// Activity and deletions.
import type { FastifyInstance } from 'fastify'
import { type Pages, root } from '../context.ts'
import { listShownFunctions } from '../insights/insights-store.ts'
import { show } from '../show.ts'
import { activityPage } from './activity-page.ts'
import { listEvents } from './activity-store.ts'
import { deletionsPage } from './deletions-page.ts'

const base = `${root}/:owner/:name/:environment`
const pageSize = 100

export function activityRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { db } = console.core
  web.get(`${base}/activity`, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const query = request.query as Record<string, unknown>
    const actor = typeof query.actor === 'string' ? query.actor.slice(0, 100) : ''
    const before = Number(query.before) || null
    const asked = { before, actor: actor || null, limit: pageSize + 1 }
    const all = await listEvents(db, visit.environment.id, asked)
    const happened = all.slice(0, pageSize)
    const older = all.length > pageSize ? (happened.at(-1)?.id ?? null) : null
    return show(request, reply, activityPage({ visit, happened, older, actor }))
  })
  web.get(`${base}/deletions`, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const all = await listShownFunctions(db, visit.environment.id)
    const timeOf = (one: (typeof all)[number]) => one.deletion?.executeAt.getTime() ?? 0
    const pending = all.filter(one => one.deletion !== null).sort((a, b) => timeOf(a) - timeOf(b))
    return show(request, reply, deletionsPage(visit, pending))
  })
}
