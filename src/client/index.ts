// `sluice/client`: defines background functions, calls them, and looks at what became of the calls (docs/client.md). Needs
// nothing but fetch and what else is in every JavaScript runtime, and does nothing when it is loaded. The names are those of
// @defer/client, so that an application changes its import and nothing else; what Defer had not stands beside them.
import { rerunExecution } from './executions.ts'
import { isConfigured } from './settings.ts'

export { awaitResult, type WaitOptions, waitForResult } from './await-result.ts'
export {
  type AnyFunction,
  type AnyFunction as DeferableFunction,
  addMetadata,
  assignOptions,
  type BackgroundFunction,
  type BackgroundFunction as DeferredFunction,
  type CronOptions,
  defer,
  delay,
  discardAfter,
  type ExecutionOptions,
  type FunctionOptions,
  type FunctionOptions as DeferredFunctionConfiguration,
  type Manifest,
  type RetryPolicy,
} from './define.ts'
export type { Duration } from './duration.ts'
export { type Call, call, enqueueAll } from './enqueue.ts'
export {
  ExecutionAbortingAlreadyInProgress,
  ExecutionFailed,
  ExecutionNotCancellable,
  ExecutionNotFound,
  ExecutionNotReschedulable,
  ExecutionResultNotAvailable,
  ExecutionResultNotAvailableYet,
  SluiceError,
  SluiceError as DeferError,
} from './errors.ts'
export type { Execution, ExecutionErrorCode, ExecutionState } from './execution.ts'
export {
  cancelExecution,
  getExecution,
  getExecutionResult,
  rerunExecution,
  rescheduleExecution,
} from './executions.ts'
export {
  type DateInterval,
  type ExecutionFilters,
  listExecutionAttempts,
  listExecutionAttempts as getExecutionTries,
  listExecutions,
  type Page,
  type PageRequest,
} from './list.ts'
export { type Configuration, configure } from './settings.ts'
export { signal } from './signal.ts'

/** As @defer/client spells it. */
export const reRunExecution = rerunExecution
/** Whether calls go to a server: a token and an address are set. */
export const deferEnabled = isConfigured
