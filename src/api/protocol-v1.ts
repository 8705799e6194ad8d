// The routes of @defer/client 1.x (DEFER.md section 4), over the same verbs.
import type { FastifyInstance } from 'fastify'
import { listAttempts, noFilters } from '../executions/list-store.ts'
import { acceptCall, cancelExecution, getExecution, getResult, rescheduleExecution } from './calls.ts'
import type { ApiContext } from './public-api.ts'
import * as requests from './requests.ts'
import { attemptToWire, wireStates } from './wire.ts'

const allAttempts = { size: 1_000, fromEnd: true, after: null, before: null }

export function protocolV1(
  web: FastifyInstance,
  { core, together, wake, keyOf, environmentOf }: ApiContext,
): void {
  web.post('/enqueue', async (request, reply) => {
    const body = requests.parseRequest(requests.EnqueueV1, request.body)
    const { id, functionId } = await acceptCall(core, together, {
      environmentId: environmentOf(request),
      functionName: body.name,
      arguments: body.arguments,
      metadata: body.metadata ?? {},
      scheduleFor: body.schedule_for ?? body.scheduled_for ?? null,
      discardAfter: body.discard_after ?? null,
    })
    wake(functionId)
    return reply.code(201).send({ id })
  })

  web.get('/executions/:id', async request => {
    const key = keyOf(request)
    const { state, result, error } = await getResult(core, key)
    const text = state === 'failed' ? error : state === 'succeeded' ? result : null
    return { id: key.id, state: wireStates[state], ...(text === null ? {} : { result: JSON.parse(text) }) }
  })

  web.post('/executions/:id/cancel', async request => {
    const { force } = requests.parseRequest(requests.Cancellation, request.body)
    const key = keyOf(request)
    await cancelExecution(core, { ...key, force })
    return { id: key.id }
  })

  web.post('/executions/:id/reschedule', async request => {
    const { schedule_for, scheduled_for } = requests.parseRequest(requests.ScheduleV1, request.body)
    const key = keyOf(request)
    await rescheduleExecution(core, { ...key, scheduleFor: schedule_for ?? scheduled_for ?? new Date() })
    wake()
    return { id: key.id }
  })

  web.get('/executions/:id/tries', async request => {
    const key = keyOf(request)
    await getExecution(core, key)
    const { items } = await listAttempts(core.db, key, allAttempts, noFilters)
    return items
      .toReversed()
      .map(attemptToWire)
      .map(({ id, state }) => ({ id, state }))
  })
}
