// Functions: which there are, one of them, its versions, and going back to an earlier one.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { rollback } from '../../functions/rollback.ts'
import { environmentOf } from './caller.ts'
import { after, type LifecycleContext, namedFunction } from './context.ts'
import { countVersions, listShown, listVersions } from './lifecycle-store.ts'
import { answers } from './route.ts'
import {
  Deployments,
  FunctionBody,
  FunctionList,
  FunctionPath,
  InEnvironment,
  PageQuery,
  RollbackBody,
  RolledBack,
} from './shapes.ts'
import { deploymentBody, functionBody } from './wire.ts'

const tags = ['functions']

export function functionRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core } = context
  return (api, _options, done) => {
    api.get(
      '/functions',
      {
        config: { role: 'read' },
        schema: {
          tags,
          summary: 'All functions',
          querystring: InEnvironment,
          response: answers(FunctionList),
        },
      },
      async request => {
        const environment = await environmentOf(core.db, context.keyOf(request), request)
        const functions = await listShown(core.db, environment.id)
        return {
          functions: functions.map(one => functionBody(one, environment.name)),
          count: functions.length,
        }
      },
    )
    api.get(
      '/functions/:id',
      {
        config: { role: 'read' },
        schema: {
          ...{ tags, summary: 'One function', params: FunctionPath, querystring: InEnvironment },
          response: answers(FunctionBody),
        },
      },
      async request => {
        const { one, environment } = await namedFunction(context, request)
        return functionBody(one, environment.name)
      },
    )
    api.get(
      '/functions/:id/deployments',
      {
        config: { role: 'read' },
        schema: {
          ...{ tags, summary: 'Its versions, newest first', params: FunctionPath, querystring: PageQuery },
          response: answers(Deployments),
        },
      },
      async request => {
        const { one } = await namedFunction(context, request)
        const { page, per_page } = request.query
        const count = await countVersions(core.db, one.id)
        const total_pages = Math.ceil(count / per_page)
        const made = await listVersions(core.db, one.id, { limit: per_page, offset: (page - 1) * per_page })
        return {
          function_uuid: one.id,
          function_name: one.name,
          function_status: one.state,
          ...{ page, per_page, count, total_pages, has_next: page < total_pages },
          deployments: made.map(version => deploymentBody(one, version)),
        }
      },
    )
    api.post(
      '/functions/:id/rollback',
      {
        config: { role: 'write' },
        schema: {
          ...{ tags, summary: 'Runs an earlier version again', params: FunctionPath },
          ...{ querystring: InEnvironment, body: RollbackBody, response: answers(RolledBack) },
        },
      },
      async request => {
        const named = await namedFunction(context, request)
        const { version } = request.body
        const outcome = await rollback(core, { ...named.target, to: String(version), reason: null })
        const { id, name, state } = await after(context, named, outcome)
        return {
          message: 'Function rolled back successfully',
          function: { uuid: id, name, status: state, active_version: version },
        }
      },
    )
    done()
  }
}
