// The routes of @defer/client 2.x (DEFER.md section 3), to the letter.
import type { FastifyInstance } from 'fastify'
import type { Accepting } from '../executions/enqueue.ts'
import { enqueueBulk } from '../executions/enqueue-bulk.ts'
import { listAttempts, listExecutions } from '../executions/list-store.ts'
import { once } from '../executions/once.ts'
import {
  acceptCall,
  cancelExecution,
  getExecution,
  getResult,
  rerunExecution,
  rescheduleExecution,
} from './calls.ts'
import { createCursors } from './cursor.ts'
import { onceKeyOf } from './once-key.ts'
import type { ApiContext } from './public-api.ts'
import * as requests from './requests.ts'
import { attemptStatesOf, attemptToWire, pageToWire, toWire } from './wire.ts'

export function protocolV2(
  web: FastifyInstance,
  { core, together, masterKey, wake, keyOf, environmentOf }: ApiContext,
): void {
  web.put('/executions', async (request, reply) => {
    const body = requests.parseRequest(requests.EnqueueV2, request.body)
    const environmentId = environmentOf(request)
    const call = { environmentId, ...requests.toCall(body) }
    const key = onceKeyOf(request, environmentId)
    const execution = await acceptCall(core, together, call, key)
    wake(execution.functionId)
    return reply.code(201).send({ data: toWire(execution) })
  })

  // Not Defer's: many calls in one commit, all or none.
  web.put('/executions/bulk', async (request, reply) => {
    const { executions } = requests.parseRequest(requests.EnqueueBulk, request.body)
    const environmentId = environmentOf(request)
    const calls = executions.map(requests.toCall)
    const key = onceKeyOf(request, environmentId)
    const accept = (on: Accepting) => enqueueBulk(on, environmentId, calls)
    const ids = key
      ? await once(core.db, key, tx => accept({ db: tx, payloads: core.payloads }))
      : await accept(core)
    wake()
    return reply.code(201).send({ data: ids.map(id => ({ id })) })
  })

  web.get('/executions/:id', async request => ({ data: toWire(await getExecution(core, keyOf(request))) }))

  web.get('/executions/:id/results', async (request, reply) => {
    const { state, result, error } = await getResult(core, keyOf(request))
    const pending = state === 'queued' || state === 'running' || state === 'aborting'
    if (pending) return reply.code(202).send({ message: 'The execution has no result yet.' })
    const text = state === 'failed' ? error : result
    // As it was stored: the result is JSON already.
    return text === null ? reply.code(204).send() : reply.type('application/json; charset=utf-8').send(text)
  })

  web.post('/executions/:id/cancellation', async (request, reply) => {
    const { force } = requests.parseRequest(requests.Cancellation, request.body)
    const result = await cancelExecution(core, { ...keyOf(request), force })
    if (result.kind === 'already_aborting')
      return reply.code(202).send({ message: 'The execution is being aborted already.' })
    return { data: toWire(result.execution) }
  })

  web.patch('/executions/:id/schedule', async request => {
    const { schedule_for } = requests.parseRequest(requests.ScheduleV2, request.body)
    const execution = await rescheduleExecution(core, { ...keyOf(request), scheduleFor: schedule_for })
    wake()
    return { data: toWire(execution) }
  })

  web.post('/executions/:id/reruns', async request => {
    requests.parseRequest(requests.Nothing, request.body)
    const execution = await rerunExecution(core, keyOf(request))
    wake()
    return { data: toWire(execution) }
  })

  web.post('/executions', async request => {
    const body = requests.parseRequest(requests.ListRequest, request.body)
    const environmentId = environmentOf(request)
    const cursors = createCursors(masterKey, environmentId)
    const filters = requests.withStates(requests.toFilters(body))
    const page = await listExecutions(core.db, environmentId, requests.toPageRequest(body, cursors), filters)
    return pageToWire(page, cursors, execution => execution.sequence, toWire)
  })

  web.post('/executions/:id/attempts', async request => {
    const body = requests.parseRequest(requests.ListRequest, request.body)
    const key = keyOf(request)
    await getExecution(core, key)
    const cursors = createCursors(masterKey, key.id)
    const { wireStates, ...filters } = requests.toFilters(body)
    const page = await listAttempts(core.db, key, requests.toPageRequest(body, cursors), {
      ...filters,
      states: attemptStatesOf(wireStates),
    })
    return pageToWire(page, cursors, attempt => attempt.number, attemptToWire)
  })
}
