// What the route of environments answers.
import { z } from 'zod'
import { environmentKinds, modes } from '../../db/schema/columns.ts'

const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00.000Z' })

export const EnvironmentBody = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(environmentKinds),
    production: z.boolean(),
    branch: z.string(),
    root: z.string(),
    pull_number: z.int().nullable(),
    mode: z.enum(modes).describe('Whether it is drained'),
    paused: z.boolean().describe('As a whole; a function of it may be, besides'),
    pinned: z.boolean().describe('Pushes are built and do not go live'),
    functions: z.int(),
    live_build: z.object({ id: z.uuid(), number: z.int(), sha: z.string() }).nullable(),
    opened_at: time,
  })
  .meta({ id: 'Environment' })
export const EnvironmentList = z.object({
  repository: z.string().describe('owner/name'),
  environments: z.array(EnvironmentBody),
})
