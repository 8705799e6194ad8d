// What both versions of the protocol do, once: the verbs of executions/ with their refusals as errors that say what to do.
import { AppError } from '../errors.ts'
import type { Core } from '../events/outbox.ts'
import type { AcceptTogether } from '../executions/accepting/accept-together.ts'
import { type CancelResult, cancel } from '../executions/cancel.ts'
import { type Accepting, type Enqueue, enqueue } from '../executions/enqueue.ts'
import { once } from '../executions/once.ts'
import type { OnceKey } from '../executions/once-store.ts'
import type { ExecutionCore } from '../executions/payloads.ts'
import { rerun } from '../executions/rerun.ts'
import { reschedule } from '../executions/reschedule.ts'
import type { State } from '../executions/states.ts'
import {
  type Execution,
  type ExecutionKey,
  findExecution,
  findResult,
  type Result,
} from '../executions/store.ts'
import { suggest } from '../functions/suggest.ts'
import { functionNames } from './store.ts'
import { wireStates } from './wire.ts'

const notFound = ({ id }: ExecutionKey) =>
  new AppError('not_found', `There is no execution "${id.slice(0, 100)}".`)

const conflict = (message: string) => new AppError('conflict', message)

async function callFunction(core: Accepting, call: Enqueue): Promise<Execution> {
  try {
    return await enqueue(core, call)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') throw await unknownFunction(core, call)
    throw error
  }
}

/** With others that come meanwhile, where that may be. */
export async function acceptCall(
  core: ExecutionCore,
  together: AcceptTogether,
  call: Enqueue,
  key: OnceKey | null = null,
): Promise<Execution> {
  const accepted = await together(call, key)
  if (accepted) return accepted
  return key ? callFunctionOnce(core, key, call) : callFunction(core, call)
}

async function callFunctionOnce(core: ExecutionCore, key: OnceKey, call: Enqueue): Promise<Execution> {
  const { environmentId } = call
  const { payloads } = core
  const [id = ''] = await once(core.db, key, async tx => [
    (await callFunction({ db: tx, payloads }, call)).id,
  ])
  return getExecution(core, { environmentId, id })
}

async function unknownFunction(
  { db }: Accepting,
  { environmentId, functionName }: Enqueue,
): Promise<AppError> {
  const names = await functionNames(db, environmentId)
  const near = suggest(functionName, names)
  const hint = near
    ? `Did you mean "${near}"?`
    : names.length === 0
      ? 'The environment has no functions yet; push a commit with a defer/ folder.'
      : 'Functions are known by the name of the function that is passed to defer().'
  return new AppError(
    'not_found',
    `There is no function named "${functionName.slice(0, 100)}" in this environment. ${hint}`,
  )
}

export async function getExecution(core: Core, key: ExecutionKey): Promise<Execution> {
  const execution = await findExecution(core.db, key)
  if (!execution) throw notFound(key)
  return execution
}

export async function getResult({ db, payloads }: ExecutionCore, key: ExecutionKey): Promise<Result> {
  const found = await findResult(db, key)
  if (!found) throw notFound(key)
  return found.result === null ? found : { ...found, result: await payloads.read(found.result) }
}

export async function cancelExecution(
  core: Core,
  key: ExecutionKey & { force: boolean },
): Promise<Extract<CancelResult, { kind: 'cancelled' | 'aborting' | 'already_aborting' }>> {
  const result = await cancel(core, key)
  if (result.kind === 'not_found') throw notFound(key)
  if (result.kind === 'refused') throw conflict(cannotCancel(key.id, result.state))
  return result
}

function cannotCancel(id: string, state: State): string {
  if (state === 'running') return `Execution ${id} has started; cancel it with force to abort it.`
  if (state === 'aborting') return `Execution ${id} is being aborted already.`
  return `Execution ${id} cannot be cancelled: it is ${wireStates[state]}.`
}

export async function rescheduleExecution(
  core: Core,
  key: ExecutionKey & { scheduleFor: Date },
): Promise<Execution> {
  const result = await reschedule(core, key)
  if (result.kind === 'not_found') throw notFound(key)
  if (result.kind === 'refused')
    throw conflict(
      `Execution ${key.id} cannot be rescheduled: it is ${wireStates[result.state]}, not created.`,
    )
  return result.execution
}

export async function rerunExecution(core: ExecutionCore, key: ExecutionKey): Promise<Execution> {
  const result = await rerun(core, key)
  if (result.kind === 'not_found') throw notFound(key)
  if (result.kind === 'function_deleted')
    throw new AppError(
      'not_found',
      `The function "${result.functionName}" of execution ${key.id} was deleted.`,
    )
  if (result.kind === 'refused')
    throw conflict(
      `Execution ${key.id} is ${wireStates[result.state]}; only a finished one can be run again.`,
    )
  return result.execution
}
