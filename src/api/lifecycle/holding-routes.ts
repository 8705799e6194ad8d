// What holds a function's executions and lets them go on: pause and resume, archive and restore.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { archive } from '../../functions/archive.ts'
import type { Outcome } from '../../functions/outcome.ts'
import { pause } from '../../functions/pause.ts'
import { restore } from '../../functions/restore.ts'
import { resume } from '../../functions/resume.ts'
import { after, type LifecycleContext, type Named, namedFunction } from './context.ts'
import { answers } from './route.ts'
import { Changed, FunctionPath, InEnvironment, PauseBody } from './shapes.ts'
import { changedBody } from './wire.ts'

const tags = ['holding']

export function holdingRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core } = context
  const told = async (named: Named, outcome: Outcome) =>
    changedBody(await after(context, named, outcome), outcome.message)
  return (api, _options, done) => {
    const about = { tags, params: FunctionPath, querystring: InEnvironment, response: answers(Changed) }
    const write = { config: { role: 'write' } } as const
    api.post(
      '/functions/:id/pause',
      { ...write, schema: { ...about, summary: 'Holds its executions', body: PauseBody } },
      async request => {
        const named = await namedFunction(context, request)
        const { reason = null, until } = request.body ?? {}
        const request_ = { ...named.target, reason, until: until === undefined ? null : new Date(until) }
        return told(named, await pause(core, request_))
      },
    )
    api.post(
      '/functions/:id/resume',
      { ...write, schema: { ...about, summary: 'Lets them go on' } },
      async request => {
        const named = await namedFunction(context, request)
        return told(named, await resume(core, named.target))
      },
    )
    api.post(
      '/functions/:id/archive',
      { ...write, schema: { ...about, summary: 'Holds them until it is restored, whatever is deployed' } },
      async request => {
        const named = await namedFunction(context, request)
        return told(named, await archive(core, named.target))
      },
    )
    api.post(
      '/functions/:id/restore',
      { ...write, schema: { ...about, summary: 'Brings an archived function back' } },
      async request => {
        const named = await namedFunction(context, request)
        return told(named, await restore(core, named.target))
      },
    )
    done()
  }
}
