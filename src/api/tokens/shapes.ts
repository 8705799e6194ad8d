// What the routes of environment tokens take and answer.
import { z } from 'zod'

const uuid = z.uuid()
const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00.000Z' })

export const TokenPath = z.object({ id: uuid })
export const TokenBody = z
  .object({
    id: uuid,
    prefix: z.string().describe('How it begins; never enough to use it'),
    created_at: time,
    last_used_at: time.nullable().describe('To the minute'),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'Token' })
export const TokenList = z.object({ environment: z.string(), tokens: z.array(TokenBody) })
export const NewToken = TokenBody.extend({
  token: z.string().describe('The DEFER_TOKEN of an application: shown now and never again'),
}).meta({ id: 'NewToken' })
