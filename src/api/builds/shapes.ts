// What the routes of builds take and answer. The same schemas validate, serialise and make the OpenAPI document.
import { z } from 'zod'
import { buildStates } from '../../db/schema/columns.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'

const uuid = z.uuid()
const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00.000Z' })

export const BuildPath = z.object({ id: uuid })

export const BuildsQuery = InEnvironment.extend({
  sha: z
    .string()
    .regex(/^[0-9a-f]{7,40}$/i)
    .optional()
    .describe('A commit, or how it begins'),
  status: z.enum(buildStates).optional(),
  per_page: z.coerce.number().int().min(1).max(100).default(20),
  before: z.coerce.number().int().min(1).max(2_147_483_647).optional().describe('Those of lower numbers'),
})

const build = {
  id: uuid,
  number: z.int().describe('Rises with the commits of the environment'),
  sha: z.string(),
  ref: z.string(),
  message: z.string(),
  author: z.string(),
  status: z.enum(buildStates),
  live: z.boolean().describe('What runs in the environment is of this build'),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
}
export const BuildBody = z.object(build).meta({ id: 'Build' })
export const BuildList = z.object({
  builds: z.array(BuildBody),
  next: z.int().nullable().describe('For `before`; null: there are no older ones'),
})

export const BuildDetails = z
  .object({
    ...build,
    functions: z.array(z.string()).nullable().describe('What was found in it; null: it did not come so far'),
    stages: z.array(z.object({ stage: z.string(), at: time })),
    failure: z
      .object({
        code: z.string(),
        message: z.string(),
        annotations: z.array(
          z.object({ path: z.string(), start_line: z.int(), end_line: z.int(), message: z.string() }),
        ),
      })
      .nullable(),
  })
  .meta({ id: 'BuildDetails' })

export const BuildLogQuery = InEnvironment.extend({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('`position` of the answer before: what came since'),
})
export const BuildLog = z.object({
  lines: z.array(z.object({ at: time, stage: z.string(), text: z.string() })),
  position: z.int().describe('For `after`, also where nothing new came'),
  more: z.boolean().describe('There are more lines already'),
  status: z.enum(buildStates),
  finished: z.boolean().describe('No more lines will come'),
})
