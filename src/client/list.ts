// Lists of executions and of one's attempts: newest first, in pages.
import {
  dataOf,
  type Execution,
  type ExecutionErrorCode,
  type ExecutionState,
  recordOf,
  toExecution,
} from './execution.ts'
import { pathOf, refusedOf } from './executions.ts'
import { send } from './request.ts'

export interface PageRequest {
  /** The newest so many, `after` a cursor. */
  first?: number | undefined
  after?: string | undefined
  /** Or the oldest, `before` one. */
  last?: number | undefined
  before?: string | undefined
}

export interface DateInterval {
  from?: Date | undefined
  to?: Date | undefined
}

export interface ExecutionFilters {
  states?: ExecutionState[] | undefined
  functionIds?: string[] | undefined
  errorCodes?: ExecutionErrorCode[] | undefined
  /** 'api', 'cron', 'rerun' or 'command'. */
  executedBy?: string | undefined
  startedAt?: DateInterval | undefined
  scheduleAt?: DateInterval | undefined
  metadata?: { key: string; values: string[] }[] | undefined
}

export interface Page<T> {
  data: T[]
  pageInfo: {
    hasNextPage: boolean
    hasPrevPage: boolean
    startCursor: string | undefined
    endCursor: string | undefined
  }
}

export function listExecutions(page?: PageRequest, filters?: ExecutionFilters): Promise<Page<Execution>> {
  return list('/public/v2/executions', page, filters)
}

export function listExecutionAttempts(
  id: string,
  page?: PageRequest,
  filters?: ExecutionFilters,
): Promise<Page<Execution>> {
  return list(`${pathOf(id)}/attempts`, page, filters)
}

async function list(path: string, page?: PageRequest, filters?: ExecutionFilters): Promise<Page<Execution>> {
  const body = { page, filters: filters && toWire(filters) }
  const answer = await send({ method: 'POST', path, body, repeatable: true })
  const data = dataOf(answer.body)
  if (answer.status !== 200 || !Array.isArray(data)) throw refusedOf(answer)
  const info = recordOf(recordOf(answer.body).page_info)
  const cursor = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return {
    data: data.map(toExecution),
    pageInfo: {
      hasNextPage: info.has_next_page === true,
      hasPrevPage: info.has_prev_page === true,
      startCursor: cursor(info.start_cursor),
      endCursor: cursor(info.end_cursor),
    },
  }
}

function toWire(filters: ExecutionFilters) {
  return {
    states: filters.states,
    error_codes: filters.errorCodes,
    function_ids: filters.functionIds,
    scheduled_at: filters.scheduleAt,
    started_at: filters.startedAt,
    executed_by: filters.executedBy,
    metadata: filters.metadata,
  }
}
