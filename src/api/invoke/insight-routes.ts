// How a function fares: what its newest executions said, and figures by day and version.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { findLogs } from '../../executions/find-logs.ts'
import { listExecutions, noFilters } from '../../executions/list-store.ts'
import { type LifecycleContext, namedFunction } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { FunctionPath } from '../lifecycle/shapes.ts'
import { maskOf } from '../masked.ts'
import { insightsOf } from './insights-store.ts'
import { FunctionLogs, Insights, InsightsQuery, LogsQuery } from './shapes.ts'

const tags = ['functions']
const dayMs = 86_400_000

export function insightRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core } = context
  return (api, _options, done) => {
    const read = { config: { role: 'read' } } as const
    api.get(
      '/functions/:id/logs',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'What its newest executions said', params: FunctionPath },
          ...{ querystring: LogsQuery, response: answers(FunctionLogs) },
        },
      },
      async request => {
        const { one, environment } = await namedFunction(context, request)
        const page = { size: request.query.executions, fromEnd: false, after: null, before: null }
        const filters = { ...noFilters, functionIds: [one.id] }
        const { items } = await listExecutions(core.db, environment.id, page, filters)
        const mask = await maskOf(context, environment)
        const executions = items.map(async execution => {
          const { lines, next } = await findLogs(core.db, execution.id, null)
          return {
            ...{ execution_id: execution.id, status: execution.state, more: next !== null },
            created_at: execution.createdAt.toISOString(),
            lines: lines.map(({ attempt, atMs, level, text }) => ({
              ...{ attempt, level, text: mask(text) },
              at: new Date(atMs).toISOString(),
            })),
          }
        })
        return {
          ...{ function_uuid: one.id, function_name: one.name },
          executions: await Promise.all(executions),
        }
      },
    )
    api.get(
      '/functions/:id/insights',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'Figures of its executions by day and version', params: FunctionPath },
          ...{ querystring: InsightsQuery, response: answers(Insights) },
        },
      },
      async request => {
        const { one, environment } = await namedFunction(context, request)
        const from = new Date(Date.now() - request.query.days * dayMs)
        const asked = { environmentId: environment.id, functionId: one.id, from }
        const days = await insightsOf(core.db, asked)
        return {
          ...{ function_uuid: one.id, function_name: one.name },
          days: days.map(({ p50: p50_ms, p95: p95_ms, ...day }) => ({
            ...{ ...day, p50_ms, p95_ms },
            failure_rate: day.failed === 0 ? 0 : day.failed / (day.failed + day.succeeded),
          })),
        }
      },
    )
    done()
  }
}
