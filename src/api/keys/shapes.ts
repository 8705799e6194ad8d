// What the routes of API keys take and answer.
import { z } from 'zod'
import { keyRoles } from '../../db/schema/columns.ts'
import { parseDuration } from '../../duration.ts'

const uuid = z.uuid()
const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00.000Z' })
const role = z
  .enum(keyRoles)
  .describe('read sees, write changes what is live, admin also deletes and makes keys')

export const KeyPath = z.object({ id: uuid })
export const KeyBody = z
  .object({
    id: uuid,
    name: z.string(),
    role,
    environment: z.string().nullable().describe('Null: any of the repository'),
    prefix: z.string().describe('How it begins; never enough to use it'),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable().describe('To the minute'),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'Key' })
export const KeyList = z.object({ keys: z.array(KeyBody) })

export const MakeKeyBody = z.strictObject({
  name: z.string().trim().min(1).max(100).optional().describe('Stands in the history of what it did'),
  role: role.default('read'),
  environment: z.string().max(100).optional().describe('Left out: as far as the key that makes it'),
  expires_in: z
    .string()
    .refine(text => parseDuration(text) !== null, 'must be a duration such as 12h or 90d')
    .optional()
    .describe('Left out, or longer than that of the key that makes it: as long as that one'),
})
export const NewKeyBody = KeyBody.extend({
  key: z.string().describe('Shown now and never again'),
}).meta({ id: 'NewKey' })
