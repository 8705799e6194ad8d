// What the lifecycle API takes and answers, to the letter of its contract. The same schemas validate, serialise and make the
// OpenAPI document.
import { z } from 'zod'
import { deletionReasons, functionStates } from '../../db/schema/columns.ts'

const uuid = z.uuid()
/** ISO 8601 in UTC, whole seconds. */
const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00Z' })
const status = z.enum(functionStates)
/** Where images are made of versions (docs/images.md), once it is pushed: null otherwise. */
const imageTag = z.string().nullable()

export const ErrorBody = z
  .object({
    error: z.string().describe('A stable code'),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' })

export const FunctionPath = z.object({ id: uuid })
export const InEnvironment = z.object({
  environment: z.string().max(100).optional().describe('For keys of a whole repository'),
})

export const FunctionBody = z
  .object({
    id: uuid,
    name: z.string(),
    status,
    skip_signing: z.boolean(),
    deployment_version: z.int().nullable().describe('The number of the version that is live'),
    created_at: time,
    environment: z.string(),
    paused: z.boolean().describe('Executions are accepted and held'),
    archived: z.boolean().describe('It is not in the live code any more, or was archived by hand'),
  })
  .meta({ id: 'Function' })
export const FunctionList = z.object({ functions: z.array(FunctionBody), count: z.int() })

export const PageQuery = InEnvironment.extend({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  per_page: z.coerce.number().int().min(1).max(100).default(20),
})
export const Deployments = z.object({
  function_uuid: uuid,
  function_name: z.string(),
  function_status: status,
  page: z.int(),
  per_page: z.int(),
  count: z.int().describe('Of all pages'),
  total_pages: z.int(),
  has_next: z.boolean(),
  deployments: z.array(
    z.object({
      uuid,
      version: z.int(),
      image_tag: imageTag,
      image_digest: z.string().optional().describe('Of the pushed image; an addition to the contract'),
      s3_key: z.string(),
      status: z.enum(['active', 'inactive']),
      is_active: z.boolean(),
      created_at: time,
      deployed_at: time,
    }),
  ),
})

export const RollbackBody = z.strictObject({ version: z.int().min(1) })
export const RolledBack = z.object({
  message: z.string(),
  function: z.object({ uuid, name: z.string(), status, active_version: z.int() }),
})

export const DeletionInfo = z.object({
  id: uuid,
  image_tag: imageTag,
  reason: z.enum(deletionReasons),
  deletion_date: time,
  days_remaining: z.int(),
  scheduled_at: time,
})
export const PendingDeletions = z.object({
  pending_deletions: z.array(
    DeletionInfo.extend({ function_uuid: uuid, function_name: z.string(), function_status: status }),
  ),
  count: z.int(),
})
export const DeletionStatus = z.object({
  function_uuid: uuid,
  function_name: z.string(),
  has_pending_deletion: z.boolean(),
  deletion_info: DeletionInfo.nullable(),
})
export const Changed = z.object({
  success: z.literal(true),
  message: z.string(),
  function: z.object({ uuid, name: z.string(), status }),
})
export const PauseBody = z
  .strictObject({
    reason: z.string().max(500).optional(),
    until: z.iso.datetime({ offset: true }).optional(),
  })
  .nullish()
