// A function's page.
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../errors.ts'
import { nextTicks, StoredCron } from '../../functions/cron-settings.ts'
import { type Pages, root } from '../context.ts'
import { listShownFunctions } from '../insights/insights-store.ts'
import { figuresByBucket, figuresByPart } from '../rollups/figures-store.ts'
import { partsOf, summaries, summarize } from '../rollups/summary.ts'
import { show } from '../show.ts'
import { functionPage } from './function-page.ts'
import { listSwitches, listVersions, recentErrors } from './function-store.ts'

const hourMs = 3_600_000
const hours = 72
const parts = 24

export function functionRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { db } = console.core
  const path = `${root}/:owner/:name/:environment/functions/:function`
  web.get(path, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const name = (request.params as { function: string }).function
    const environmentId = visit.environment.id
    const [one] = await listShownFunctions(db, environmentId, name)
    if (!one)
      throw new AppError('not_found', `There is no function \`${name}\` in **${visit.environment.name}**.`)
    const from = new Date(Math.floor(visit.now.getTime() / hourMs) * hourMs - (hours - 1) * hourMs)
    const looked = { environmentId, functionId: one.id, from, parts }
    const [versions, byBucket, byPart, errors, switches] = await Promise.all([
      listVersions(db, one.id),
      figuresByBucket(db, looked),
      figuresByPart(db, looked, true),
      recentErrors(db, environmentId, one.id),
      listSwitches(db, { environmentId, name, since: from }),
    ])
    const spanMs = visit.now.getTime() - from.getTime()
    const labelOf = (index: number) =>
      `${new Date(from.getTime() + (index / parts) * spanMs).toISOString().slice(5, 16).replace('T', ' ')} UTC`
    const markers = versions
      .filter(version => version.createdAt > from)
      .map(version => ({
        at: (version.createdAt.getTime() - from.getTime()) / spanMs,
        label: `v${version.number}`,
      }))
    const cron = StoredCron.safeParse(one.cron)
    const view = {
      ...{ visit, one, versions, errors, switches, markers },
      summary: summarize(byBucket),
      byVersion: summaries(byBucket, row => row.versionId),
      points: partsOf(byPart, parts).map((part, index) => ({ ...part, label: labelOf(index) })),
      ticks: cron.success ? nextTicks(cron.data, visit.now, 5) : [],
      windowWords: 'last 3 days',
    }
    return show(request, reply, functionPage(view))
  })
}
