// Executions: which there were, one of them, what it said, and what can be done to it.
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { AppError } from '../../errors.ts'
import { findLogs } from '../../executions/find-logs.ts'
import { listExecutions, noFilters } from '../../executions/list-store.ts'
import type { Execution, ExecutionKey } from '../../executions/store.ts'
import { findFunctionByName } from '../../functions/store.ts'
import { cancelExecution, getExecution, rerunExecution } from '../calls.ts'
import { createCursors } from '../cursor.ts'
import { environmentOf } from '../lifecycle/caller.ts'
import type { LifecycleContext } from '../lifecycle/context.ts'
import { answers } from '../lifecycle/route.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'
import { maskOf } from '../masked.ts'
import { findDetails, findPayload } from './details-store.ts'
import {
  CancelBody,
  ExecutionBody,
  ExecutionDetails,
  ExecutionList,
  ExecutionLog,
  ExecutionLogQuery,
  ExecutionPath,
  ExecutionPayload,
  ExecutionsQuery,
} from './shapes.ts'
import { detailsBody, executionBody } from './wire.ts'

const tags = ['executions']

export function executionRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core, masterKey, wake } = context
  const here = (request: FastifyRequest) => environmentOf(core.db, context.keyOf(request), request)
  const keyOf = async (request: FastifyRequest<{ Params: { id: string } }>): Promise<ExecutionKey> => ({
    environmentId: (await here(request)).id,
    id: request.params.id,
  })
  const none = (id: string) => new AppError('not_found', `There is no execution "${id}".`)

  return (api, _options, done) => {
    const ofOne = { tags, params: ExecutionPath, querystring: InEnvironment }
    const read = { config: { role: 'read' } } as const
    const write = { config: { role: 'write' } } as const
    api.get(
      '/executions',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'Executions, newest first', querystring: ExecutionsQuery },
          response: answers(ExecutionList),
        },
      },
      async request => {
        const environment = await here(request)
        const { function: name, status, per_page, before } = request.query
        const one = name === undefined ? null : await findFunctionByName(core.db, environment.id, name)
        if (name !== undefined && !one)
          throw new AppError('not_found', `There is no function "${name}" in ${environment.name}.`)
        const cursors = createCursors(masterKey, environment.id)
        const page = {
          ...{ size: per_page, fromEnd: false, before: null },
          after: before === undefined ? null : cursors.read(before),
        }
        const filters = { states: status ? [status] : [], functionIds: one ? [one.id] : [] }
        const found = await listExecutions(core.db, environment.id, page, { ...noFilters, ...filters })
        const last: Execution | undefined = found.hasNext ? found.items.at(-1) : undefined
        return {
          executions: found.items.map(executionBody),
          next: last ? cursors.write(last.sequence) : null,
        }
      },
    )
    api.get(
      '/executions/:id',
      {
        ...read,
        schema: {
          ...{ ...ofOne, summary: 'One execution, with its attempts' },
          response: answers(ExecutionDetails),
        },
      },
      async request => {
        const found = await findDetails(core.db, await keyOf(request))
        if (!found) throw none(request.params.id)
        return detailsBody(found)
      },
    )
    api.get(
      '/executions/:id/payload',
      {
        ...read,
        schema: {
          ...{ ...ofOne, summary: 'What it was called with, and what it returned' },
          response: answers(ExecutionPayload),
        },
      },
      async request => {
        const found = await findPayload(core.db, await keyOf(request))
        if (!found) throw none(request.params.id)
        const [given, result] = await Promise.all([
          core.payloads.read(found.arguments),
          found.result === null ? 'null' : core.payloads.read(found.result),
        ])
        return { arguments: JSON.parse(given), result: JSON.parse(result) }
      },
    )
    api.get(
      '/executions/:id/logs',
      {
        ...read,
        schema: {
          ...{ tags, summary: 'What it said', params: ExecutionPath, querystring: ExecutionLogQuery },
          response: answers(ExecutionLog),
        },
      },
      async request => {
        const environment = await here(request)
        const key = { environmentId: environment.id, id: request.params.id }
        // Asked first: what it said before it ended is among what is found then, but for what is on its way.
        const { state } = await getExecution(core, key)
        const { after = null } = request.query
        const found = await findLogs(core.db, key.id, after)
        const mask = await maskOf(context, environment)
        return {
          lines: found.lines.map(({ attempt, atMs, level, text }) => ({
            ...{ attempt, level, text: mask(text) },
            at: new Date(atMs).toISOString(),
          })),
          position: found.last ?? after,
          more: found.next !== null,
          status: state,
        }
      },
    )
    api.post(
      '/executions/:id/cancel',
      {
        ...write,
        schema: {
          ...{ ...ofOne, summary: 'Cancels it, or with force ends it', body: CancelBody },
          response: answers(ExecutionBody),
        },
      },
      async request => {
        const key = await keyOf(request)
        await cancelExecution(core, { ...key, force: request.body?.force ?? false })
        return executionBody(await getExecution(core, key))
      },
    )
    api.post(
      '/executions/:id/rerun',
      {
        ...write,
        schema: {
          ...{ ...ofOne, summary: 'Calls its function again, with the same arguments' },
          response: answers(ExecutionBody),
        },
      },
      async request => {
        const execution = await rerunExecution(core, await keyOf(request))
        wake(execution.functionId)
        return executionBody(execution)
      },
    )
    done()
  }
}
