// Deletions: scheduled, looked at, taken back.
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { AppError } from '../../errors.ts'
import { cancelDeletion, requestDeletion } from '../../functions/deletion.ts'
import { findPendingDeletion } from '../../functions/deletions-store.ts'
import { environmentOf } from './caller.ts'
import { after, deletionGraceOf, type LifecycleContext, namedFunction } from './context.ts'
import { listPending } from './lifecycle-store.ts'
import { answers } from './route.ts'
import { Changed, DeletionStatus, FunctionPath, InEnvironment, PendingDeletions } from './shapes.ts'
import { changedBody, deletionInfo } from './wire.ts'

const tags = ['deletions']

export function deletionRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core } = context
  return (api, _options, done) => {
    const ofFunction = { tags, params: FunctionPath, querystring: InEnvironment }
    api.get(
      '/functions/pending-deletions',
      {
        config: { role: 'read' },
        schema: {
          ...{ tags, summary: 'What is going to be deleted', querystring: InEnvironment },
          response: answers(PendingDeletions),
        },
      },
      async request => {
        const environment = await environmentOf(core.db, context.keyOf(request), request)
        const pending = await listPending(core.db, environment.id)
        const now = new Date()
        return {
          pending_deletions: pending.map(({ deletion, name, state }) => ({
            ...deletionInfo(deletion, now),
            ...{ function_uuid: deletion.functionId, function_name: name, function_status: state },
          })),
          count: pending.length,
        }
      },
    )
    api.get(
      '/functions/:id/deletion-status',
      {
        config: { role: 'read' },
        schema: {
          ...{ ...ofFunction, summary: 'Whether it is going to be deleted' },
          response: answers(DeletionStatus),
        },
      },
      async request => {
        const { one } = await namedFunction(context, request)
        const deletion = await findPendingDeletion(core.db, one.id)
        return {
          function_uuid: one.id,
          function_name: one.name,
          has_pending_deletion: deletion !== null,
          deletion_info: deletion && deletionInfo(deletion, new Date()),
        }
      },
    )
    api.delete(
      '/functions/:id',
      {
        config: { role: 'admin' },
        schema: {
          ...{ ...ofFunction, summary: 'Schedules its deletion' },
          response: answers(Changed),
        },
      },
      async request => {
        const named = await namedFunction(context, request)
        const graceSeconds = await deletionGraceOf(context, named.environment)
        const asked = { ...named.target, reason: 'user_requested', graceSeconds } as const
        const outcome = await requestDeletion(core, asked)
        return changedBody(await after(context, named, outcome), outcome.message)
      },
    )
    api.post(
      '/functions/:id/cancel-deletion',
      {
        // Never more than it takes to schedule one, and whoever may write may keep what there is.
        config: { role: 'write' },
        schema: {
          ...{ ...ofFunction, summary: 'Takes its deletion back' },
          response: answers(Changed),
        },
      },
      async request => {
        const named = await namedFunction(context, request)
        const outcome = await cancelDeletion(core, named.target)
        const now = await after(context, named, outcome)
        if (outcome.kind === 'noop') throw new AppError('conflict', outcome.message, { reason: outcome.code })
        return changedBody(now, 'Deletion cancelled successfully')
      },
    )
    done()
  }
}
