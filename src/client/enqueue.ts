// Hands calls to the server. Once these resolve, the executions are stored and will not be lost; repeated because an answer got
// lost, they are accepted once.
import type { ExecutionOptions } from './define.ts'
import { dateOf } from './duration.ts'
import { SluiceError } from './errors.ts'
import { dataOf, type Execution, recordOf, toExecution } from './execution.ts'
import { refused, send } from './request.ts'

export interface Call {
  name: string
  args: readonly unknown[]
  options: ExecutionOptions
}

/** A background function, said so that TypeScript finds out its arguments also where it is made in the same breath. */
interface Callable<A extends readonly unknown[]> {
  (...args: A): Promise<Execution>
  __fn: { name: string }
  __execOptions?: ExecutionOptions
}

const mostAtOnce = 1_000

export async function enqueue(call: Call): Promise<Execution> {
  const answer = await send({
    method: 'PUT',
    path: '/public/v2/executions',
    body: toWire(call),
    idempotencyKey: call.options.idempotencyKey ?? uniqueKey(),
    repeatable: true,
  })
  if (answer.status === 201) return toExecution(dataOf(answer.body))
  throw refused(answer)
}

/** For enqueueAll(): a call that is not made yet. */
export function call<A extends readonly unknown[]>(fn: Callable<A>, ...args: A): Call {
  return { name: fn.__fn.name, args, options: fn.__execOptions ?? {} }
}

/** Up to 1,000 calls in one commit, all or none; of those due at once the first starts first. Their ids, in that order. */
export async function enqueueAll(
  calls: readonly Call[],
  { idempotencyKey }: Pick<ExecutionOptions, 'idempotencyKey'> = {},
): Promise<{ id: string }[]> {
  if (calls.length === 0) return []
  if (calls.length > mostAtOnce)
    throw new SluiceError(
      `${calls.length} calls are more than the ${mostAtOnce} that can be stored in one commit. Give them in several lists.`,
      { code: 'malformed' },
    )
  if (calls.some(one => one.options.idempotencyKey !== undefined))
    throw new SluiceError(
      'One of the calls has an idempotencyKey of its own. Give one for all of them: enqueueAll(calls, { idempotencyKey }).',
      { code: 'malformed' },
    )
  const answer = await send({
    method: 'PUT',
    path: '/public/v2/executions/bulk',
    body: { executions: calls.map(toWire) },
    idempotencyKey: idempotencyKey ?? uniqueKey(),
    repeatable: true,
  })
  const data = dataOf(answer.body)
  if (answer.status !== 201 || !Array.isArray(data)) throw refused(answer)
  return data.map(one => ({ id: String(recordOf(one).id) }))
}

/** What is due at once carries no time: the clock of this machine may be ahead. */
function toWire({ name, args, options }: Call) {
  const now = Date.now()
  return {
    function_name: name,
    function_arguments: args,
    schedule_for: options.delay && dateOf(options.delay, now).toISOString(),
    discard_after: options.discardAfter && dateOf(options.discardAfter, now).toISOString(),
    metadata: options.metadata,
    priority: options.priority,
  }
}

/** Node 18 has no global crypto. Unique among a day's calls of an environment is all it has to be. */
function uniqueKey(): string {
  if (globalThis.crypto?.randomUUID) return globalThis.crypto.randomUUID()
  const digits = () => Math.random().toString(36).slice(2)
  return `${Date.now().toString(36)}-${digits()}-${digits()}`
}
