// Runs a function now and answers with its result. It is an execution like any other, stored before anybody waits for it: whoever
// goes away, or waits too short, finds it by its id.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { finishedStates } from '../../db/schema/columns.ts'
import { AppError } from '../../errors.ts'
import { createAcceptTogether } from '../../executions/accepting/accept-together.ts'
import type { ExecutionKey, Result } from '../../executions/store.ts'
import { acceptCall, getResult } from '../calls.ts'
import { parseJsonBody } from '../json-body.ts'
import { type LifecycleContext, namedFunction } from '../lifecycle/context.ts'
import type { ShownFunction } from '../lifecycle/lifecycle-store.ts'
import { failures } from '../lifecycle/route.ts'
import { FunctionPath, InEnvironment } from '../lifecycle/shapes.ts'
import { onceKeyOf } from '../once-key.ts'
import { demandSignature, keepRawBody } from '../signing/demand-signature.ts'
import { InvokeBody, Invoked, StillRunning } from './shapes.ts'

const bodyLimit = 10 * 1024 * 1024
const finished: ReadonlySet<string> = new Set(finishedStates)

export function invokeRoutes(context: LifecycleContext): FastifyPluginCallbackZod {
  const { core, masterKey, wake } = context
  const together = createAcceptTogether(core)
  return (api, _options, done) => {
    api.removeContentTypeParser('application/json')
    api.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer', bodyLimit },
      async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
    )
    api.post(
      '/functions/:id/invoke',
      {
        config: { role: 'write' },
        preParsing: keepRawBody,
        schema: {
          ...{ tags: ['functions'], summary: 'Runs it now, and answers with its result' },
          ...{ params: FunctionPath, querystring: InEnvironment, body: InvokeBody },
          response: { 200: Invoked, 202: StillRunning, ...failures },
        },
      },
      async (request, reply) => {
        const { one, environment } = await namedFunction(context, request)
        if (!one.skipSigning) await demandSignature(core.db, masterKey, one.id, request)
        if (one.version === null)
          throw new AppError('conflict', `${one.name} has no version yet: deploy one first.`, {
            reason: 'not_deployed',
          })
        const { body = null, timeout_ms: timeoutMs } = request.body
        const call = { environmentId: environment.id, functionName: one.name, arguments: [body] }
        const execution = await acceptCall(core, together, call, onceKeyOf(request, environment.id))
        wake(execution.functionId)
        const key = { environmentId: environment.id, id: execution.id }
        const isGone = () => request.raw.destroyed && !request.raw.complete
        const found = await waitFor(() => getResult(core, key), isHeld(one) ? 0 : timeoutMs, isGone)
        if (finished.has(found.state)) return reply.code(200).send(invoked(key, found))
        const message = isHeld(one)
          ? `${one.name} is held: it runs once that is lifted.`
          : 'It has not ended yet; ask for it by its id.'
        return reply.code(202).send({ execution_id: key.id, status: found.state, message })
      },
    )
    done()
  }
}

/** Nothing of it begins until somebody lifts that. */
function isHeld({ paused, archivedAt, state }: ShownFunction): boolean {
  return paused || archivedAt !== null || state === 'pending_deletion'
}

const firstMs = 10
const longestMs = 250

/** Looks again and again, ever less often. */
async function waitFor(
  look: () => Promise<Result>,
  timeoutMs: number,
  isGone: () => boolean,
): Promise<Result> {
  const until = performance.now() + timeoutMs
  for (let pauseMs = firstMs; ; pauseMs = Math.min(longestMs, pauseMs * 1.5)) {
    const found = await look()
    const left = until - performance.now()
    if (finished.has(found.state) || left <= 0 || isGone()) return found
    await sleep(Math.min(pauseMs, left))
  }
}

function invoked({ id }: ExecutionKey, { state, result, error }: Result) {
  return {
    ...{ execution_id: id, status: state, success: state === 'succeeded' },
    result: result === null ? null : (JSON.parse(result) as unknown),
    error: error === null ? null : (JSON.parse(error) as Record<string, unknown>),
  }
}
