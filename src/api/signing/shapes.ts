// What the routes of signing keys take and answer. The same schemas validate, serialise and make the OpenAPI document.
import { z } from 'zod'
import { signingValidities } from '../../db/schema/columns.ts'

const uuid = z.uuid()
const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00Z' })

export const KeyPath = z.object({ id: uuid })
export const KeysPath = z.object({ function_id: uuid })

export const GenerateBody = z.strictObject({
  function_id: uuid,
  validity: z.enum(signingValidities),
  name: z.string().trim().min(1).max(100).optional(),
})

const key = {
  id: uuid.describe('For the header X-Api-Key'),
  function_id: uuid,
  name: z.string().nullable(),
  validity: z.enum(signingValidities),
  created_at: time,
  expires_at: time.nullable(),
  rolled_at: time.nullable(),
  last_used_at: time.nullable(),
  revoked_at: time.nullable(),
}
export const SigningKeyBody = z.object(key).meta({ id: 'SigningKey' })
export const NewSigningKeyBody = z
  .object({ ...key, secret: z.string().describe('The only time it is shown') })
  .meta({ id: 'NewSigningKey' })
export const SigningKeyList = z.object({ keys: z.array(SigningKeyBody), count: z.int() })
