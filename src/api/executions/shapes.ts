// What the routes of executions take and answer. The same schemas validate, serialise and make the OpenAPI document.
import { z } from 'zod'
import { errorCodes, executedBys, executionStates } from '../../db/schema/columns.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'

const uuid = z.uuid()
const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00.000Z' })

export const ExecutionPath = z.object({ id: uuid })

export const ExecutionsQuery = InEnvironment.extend({
  function: z.string().min(1).max(1_000).optional().describe('The name of a function'),
  status: z.enum(executionStates).optional(),
  per_page: z.coerce.number().int().min(1).max(100).default(20),
  before: z.string().max(200).optional().describe('`next` of the page before: older ones'),
})

const execution = {
  id: uuid,
  function_uuid: uuid,
  function_name: z.string(),
  status: z.enum(executionStates),
  schedule_for: time,
  created_at: time,
  updated_at: time,
}
export const ExecutionBody = z.object(execution).meta({ id: 'Execution' })
export const ExecutionList = z.object({
  executions: z.array(ExecutionBody),
  next: z.string().nullable().describe('For `before`; null: there are no older ones'),
})

const failure = z.record(z.string(), z.unknown()).nullable()
export const ExecutionDetails = z
  .object({
    ...execution,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    executed_by: z.enum(executedBys),
    rerun_of: uuid.nullable(),
    metadata: z.record(z.string(), z.string()),
    error: failure.describe('name, message, stack and cause of what it failed with'),
    error_code: z.enum(errorCodes).nullable(),
    attempts: z.array(
      z.object({
        number: z.int(),
        status: z.string(),
        reason: z.string().describe('Why it was made'),
        started_at: time,
        finished_at: time.nullable(),
        error: failure,
      }),
    ),
  })
  .meta({ id: 'ExecutionDetails' })

export const ExecutionPayload = z.object({
  arguments: z.array(z.unknown()),
  result: z.unknown().describe('Null as well where it returned nothing, or has not succeeded'),
})

export const CancelBody = z
  .strictObject({ force: z.boolean().default(false).describe('Also one that has started') })
  .nullish()

export const ExecutionLogQuery = InEnvironment.extend({
  after: z
    .string()
    .regex(/^\d{1,9}-\d{1,9}$/)
    .optional()
    .describe('`position` of the answer before: what came since'),
})
export const ExecutionLog = z.object({
  lines: z.array(
    z.object({
      attempt: z.int(),
      at: time,
      level: z.enum(['debug', 'log', 'info', 'warn', 'error']),
      text: z.string(),
    }),
  ),
  position: z.string().nullable().describe('For `after`, also where nothing new came'),
  more: z.boolean().describe('There are more lines already'),
  status: z.enum(executionStates),
})
