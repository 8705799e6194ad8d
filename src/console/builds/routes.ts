// Builds: an environment's, and one.
import type { FastifyInstance } from 'fastify'
import { loadBuildView } from '../../builds/views/view-store.ts'
import { AppError } from '../../errors.ts'
import { type Pages, root } from '../context.ts'
import { show } from '../show.ts'
import { buildPage } from './build-page.ts'
import { buildsPage } from './builds-page.ts'
import { countLogLines, findBuildId, findLogLines, listBuilds } from './builds-store.ts'

const path = `${root}/:owner/:name/:environment/builds`
const pageSize = 50
const tailLines = 400
const mostLines = 25_000

export function buildRoutes(web: FastifyInstance, { console, visits }: Pages): void {
  const { db } = console.core
  web.get(path, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const before = Number((request.query as Record<string, unknown>).before) || null
    const builds = await listBuilds(db, visit.environment.id, before, pageSize + 1)
    const shown = builds.slice(0, pageSize)
    const older = builds.length > pageSize ? (shown.at(-1)?.number ?? null) : null
    return show(request, reply, buildsPage(visit, shown, older))
  })
  web.get(`${path}/:number`, { config: { console: 'environment' } }, async (request, reply) => {
    const visit = visits.inEnvironment(request)
    const { number } = request.params as { number: string }
    const wanted = /^\d{1,9}$/.test(number) ? Number(number) : 0
    const id = await findBuildId(db, visit.environment.id, wanted)
    const build = id === null ? null : await loadBuildView(db, id)
    if (!build)
      throw new AppError(
        'not_found',
        `There is no build ${number.slice(0, 20)} in **${visit.environment.name}**.`,
      )
    const wholeLog = (request.query as Record<string, unknown>).all === '1'
    const [lines, all] = await Promise.all([
      findLogLines(db, build.id, wholeLog ? mostLines : tailLines),
      countLogLines(db, build.id),
    ])
    return show(request, reply, buildPage({ visit, build, lines, all, githubUrl: console.githubUrl }))
  })
}
