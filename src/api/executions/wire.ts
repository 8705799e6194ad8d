// Executions as the API writes them. Pure.
import type { z } from 'zod'
import type { Execution } from '../../executions/store.ts'
import type { ExecutionDetails as Row } from './details-store.ts'
import type { ExecutionBody, ExecutionDetails } from './shapes.ts'

export function executionBody(one: Execution): z.input<typeof ExecutionBody> {
  return {
    id: one.id,
    function_uuid: one.functionId,
    function_name: one.functionName,
    status: one.state,
    schedule_for: one.scheduleFor.toISOString(),
    created_at: one.createdAt.toISOString(),
    updated_at: one.updatedAt.toISOString(),
  }
}

type Details = z.input<typeof ExecutionDetails>

export function detailsBody(one: Row): Details {
  return {
    ...executionBody(one),
    started_at: one.startedAt?.toISOString() ?? null,
    finished_at: one.finishedAt?.toISOString() ?? null,
    executed_by: one.executedBy,
    rerun_of: one.rerunOf,
    metadata: one.metadata,
    error: record(one.error),
    error_code: one.errorCode,
    attempts: attempts(one),
  }
}

function attempts(one: Row): Details['attempts'] {
  const ended = one.attempts.map(attempt => ({
    number: attempt.number,
    status: attempt.state,
    reason: attempt.reason,
    started_at: new Date(attempt.startedAt).toISOString(),
    finished_at: new Date(attempt.finishedAt).toISOString(),
    error: record(attempt.error),
  }))
  const isLive = one.finishedAt === null && one.attemptStartedAt !== null
  if (!isLive) return ended
  const underWay = {
    number: one.attempt,
    status: one.state,
    reason: one.attemptReason ?? '',
    started_at: one.attemptStartedAt?.toISOString() ?? '',
    finished_at: null,
    error: null,
  }
  return [...ended, underWay]
}

/** What was stored is a record; whatever else a function managed to throw is shown as its message. */
function record(json: string | null): Record<string, unknown> | null {
  if (json === null) return null
  const value: unknown = JSON.parse(json)
  return typeof value === 'object' && value !== null ? { ...value } : { message: String(value) }
}
