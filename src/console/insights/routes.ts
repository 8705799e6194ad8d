// An environment's own page: its functions.
import type { FastifyInstance } from 'fastify'
import { type Pages, root } from '../context.ts'
import { listShownEnvironments } from '../repositories/repositories-store.ts'
import { figuresByBucket, figuresByPart } from '../rollups/figures-store.ts'
import { none, partsOf, summaries } from '../rollups/summary.ts'
import { show } from '../show.ts'
import { readAsked, windows } from './insights.ts'
import { insightsPage } from './insights-page.ts'
import { listShownFunctions } from './insights-store.ts'

const barsOf = { '1h': 2, '24h': 24, '7d': 28, '30d': 30 } as const

export function insightRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { db } = console.core
  web.get(
    `${root}/:owner/:name/:environment`,
    { config: { console: 'environment' } },
    async (request, reply) => {
      const visit = visits.inEnvironment(request)
      const asked = readAsked(request.query as Record<string, unknown>)
      const environmentId = visit.environment.id
      const parts = barsOf[asked.window]
      const from = new Date(visit.now.getTime() - (windows[asked.window] - 1) * 3_600_000)
      const looked = { environmentId, functionId: null, from, parts }
      const [functions, byBucket, byPart, [shown]] = await Promise.all([
        listShownFunctions(db, environmentId),
        figuresByBucket(db, looked),
        figuresByPart(db, looked),
        listShownEnvironments(db, [visit.repository.id]).then(all =>
          all.filter(one => one.environment.id === environmentId),
        ),
      ])
      const sums = summaries(byBucket, row => row.functionId)
      const bars = Map.groupBy(byPart, row => row.functionId)
      const insights = functions.map(one => ({
        ...one,
        summary: sums.get(one.id) ?? none,
        bars: partsOf(bars.get(one.id) ?? [], parts),
      }))
      const closed = { environment: visit.environment, live: null, newest: null, overlays: [] }
      const counts = { functions: 0, archived: 0, held: 0, waiting: 0, running: 0 }
      return show(
        request,
        reply,
        insightsPage({ visit, shown: shown ?? { ...closed, ...counts }, insights, asked }),
      )
    },
  )
}
