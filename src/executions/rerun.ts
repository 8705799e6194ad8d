// Calls a finished execution's function again, with the same arguments and metadata, as an execution of its own.
import type { ExecutionCore } from './payloads.ts'
import { isFinished, type State } from './states.ts'
import { type Execution, type ExecutionKey, findCall, insertExecution } from './store.ts'

export type RerunResult =
  | { kind: 'created'; execution: Execution }
  | { kind: 'not_found' }
  | { kind: 'function_deleted'; functionName: string }
  | { kind: 'refused'; state: State }

export async function rerun(core: ExecutionCore, key: ExecutionKey): Promise<RerunResult> {
  const call = await findCall(core.db, key)
  if (!call) return { kind: 'not_found' }
  if (!isFinished(call.state)) return { kind: 'refused', state: call.state }
  if (!(await core.payloads.stillHas(call.arguments))) return { kind: 'not_found' }
  const execution = await insertExecution(core.db, {
    environmentId: key.environmentId,
    functionName: call.functionName,
    arguments: call.arguments,
    metadata: call.metadata,
    scheduleFor: null,
    discardAfter: null,
    priority: 0,
    executedBy: 'rerun',
    rerunOf: key.id,
  })
  return execution
    ? { kind: 'created', execution }
    : { kind: 'function_deleted', functionName: call.functionName }
}
