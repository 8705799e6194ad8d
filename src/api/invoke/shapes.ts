// What invoking, logs and insights of a function take and answer.
import { z } from 'zod'
import { executionStates } from '../../db/schema/columns.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'

export const longestWaitMs = 120_000

export const InvokeBody = z.strictObject({
  body: z.unknown().optional().describe('The function gets it as its first argument'),
  timeout_ms: z
    .int()
    .min(0)
    .max(longestWaitMs)
    .default(30_000)
    .describe('How long to wait for the result; the execution goes on after it'),
})

const id = z.uuid()
const status = z.enum(executionStates)

export const Invoked = z
  .object({
    execution_id: id,
    status,
    success: z.boolean(),
    result: z.unknown().describe('What it returned; null where it did not succeed'),
    error: z.record(z.string(), z.unknown()).nullable().describe('What it threw'),
  })
  .meta({ id: 'Invoked' })
export const StillRunning = z.object({ execution_id: id, status, message: z.string() })

export const LogsQuery = InEnvironment.extend({
  executions: z.coerce.number().int().min(1).max(50).default(10).describe('Of so many, the newest'),
})
export const FunctionLogs = z.object({
  function_uuid: id,
  function_name: z.string(),
  executions: z.array(
    z.object({
      execution_id: id,
      status,
      created_at: z.string(),
      lines: z.array(
        z.object({
          attempt: z.int(),
          at: z.string(),
          level: z.enum(['debug', 'log', 'info', 'warn', 'error']),
          text: z.string(),
        }),
      ),
      more: z.boolean().describe('The rest: /api/executions/{id}/logs'),
    }),
  ),
})

export const InsightsQuery = InEnvironment.extend({
  days: z.coerce.number().int().min(1).max(30).default(7),
})
const count = z.int()
const ms = z.number().nullable().describe('Milliseconds of the last attempts; null where none began')
export const Insights = z.object({
  function_uuid: id,
  function_name: z.string(),
  days: z.array(
    z.object({
      day: z.string().meta({ format: 'date', example: '2025-02-21' }),
      version: z.int().nullable().describe('Null: of those that never began'),
      executions: count,
      succeeded: count,
      failed: count,
      failure_rate: z.number().describe('Of those that succeeded or failed, from 0 to 1'),
      p50_ms: ms,
      p95_ms: ms,
    }),
  ),
})
