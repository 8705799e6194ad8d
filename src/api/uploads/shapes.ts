// What initialising and deploying take and answer, to the letter of the contract.
import { z } from 'zod'
import { functionStates } from '../../db/schema/columns.ts'

const uuid = z.uuid()
const status = z.enum(functionStates)
const created = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00Z' })

export const InitBody = z.strictObject({
  name: z
    .string()
    .regex(
      /^[^\s\p{C}]{1,200}$/u,
      'a name has no spaces or invisible characters, and at most 200 characters',
    ),
  skip_signing: z.boolean().default(false).describe('Invoked without a signature'),
})

const Initialised = z.object({
  message: z.string(),
  id: uuid,
  name: z.string(),
  status,
  skip_signing: z.boolean(),
  created_at: created,
})
export const NewFunction = Initialised.meta({ id: 'NewFunction' })
export const ExistingFunction = Initialised.extend({
  deployment_version: z.int().optional().describe('The version that is live; left out before the first'),
  already_exists: z.literal(true),
}).meta({ id: 'ExistingFunction' })

/** A file of a form: bytes, which JSON Schema has no word for. */
const file = z.any().meta({ type: 'string', format: 'binary', description: 'A tar.gz of one function' })

export const DeployForm = z.object({
  function_id: uuid,
  archive: file,
  env: z.string().optional().describe('Variables of this version, as a JSON object of texts'),
})

export const Deploying = z
  .object({
    message: z.string(),
    id: uuid.describe('The function'),
    name: z.string(),
    status,
    build_id: uuid.describe('To be followed at /api/builds/{id}'),
  })
  .meta({ id: 'Deploying' })
