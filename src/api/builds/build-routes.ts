// Builds: which there were, one of them, and its log while it goes on and after. Lines were masked before they were stored.
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { AppError } from '../../errors.ts'
import { environmentOf } from '../lifecycle/caller.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'
import { maskOf } from '../masked.ts'
import { findShownBuild, listBuilds, listLogLines } from './builds-store.ts'
import { BuildDetails, BuildList, BuildLog, BuildLogQuery, BuildPath, BuildsQuery } from './shapes.ts'
import { buildBody, buildDetails } from './wire.ts'

const tags = ['builds']
const linesAtOnce = 1_000

export function buildRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core } = context
  const here = (request: FastifyRequest) => environmentOf(core.db, context.keyOf(request), request)

  async function named(request: FastifyRequest<{ Params: { id: string } }>) {
    const environment = await here(request)
    const build = await findShownBuild(core.db, environment.id, request.params.id)
    if (build) return { environment, build }
    throw new AppError('not_found', `There is no build ${request.params.id} in ${environment.name}.`)
  }

  return (api, _options, done) => {
    const read = { config: { role: 'read' } } as const
    api.get(
      '/builds',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'Builds, newest first', querystring: BuildsQuery },
          response: answers(BuildList),
        },
      },
      async request => {
        const environment = await here(request)
        const { per_page, ...filters } = request.query
        const found = await listBuilds(core.db, environment.id, per_page + 1, filters)
        const builds = found.slice(0, per_page)
        return {
          builds: builds.map(buildBody),
          next: found.length > per_page ? (builds.at(-1)?.number ?? null) : null,
        }
      },
    )
    api.get(
      '/builds/:id',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'One build', params: BuildPath, querystring: InEnvironment },
          response: answers(BuildDetails),
        },
      },
      async request => buildDetails((await named(request)).build),
    )
    api.get(
      '/builds/:id/log',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'What it said', params: BuildPath, querystring: BuildLogQuery },
          response: answers(BuildLog),
        },
      },
      async request => {
        // Asked first: a finished build has stored all its lines before.
        const { environment, build } = await named(request)
        const { after } = request.query
        const found = await listLogLines(core.db, build.id, after, linesAtOnce + 1)
        const lines = found.slice(0, linesAtOnce)
        const more = found.length > linesAtOnce
        const mask = await maskOf(context, environment)
        return {
          lines: lines.map(({ at, stage, line }) => ({ at: at.toISOString(), stage, text: mask(line) })),
          position: lines.at(-1)?.sequence ?? after,
          more,
          status: build.state,
          finished: build.finishedAt !== null && !more,
        }
      },
    )
    done()
  }
}
