// What the routes of variables take and answer: values go in, and never come out.
import { z } from 'zod'
import { variableScopes } from '../../db/schema/columns.ts'
import { maxVariables } from '../../environments/variable-rules.ts'
import { InEnvironment } from '../lifecycle/shapes.ts'

const time = z.string().meta({ format: 'date-time', example: '2025-02-21T10:00:00.000Z' })

export const OfWhom = InEnvironment.extend({
  all_environments: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Those that all environments of the repository share'),
})
const name = z.string().min(1).max(200)
/** What may be one is told by variable-rules.ts, with a reason. */
const value = z.string().max(200_000)
const scope = z.enum(variableScopes).describe('Who is given it: builds, running functions, or both')

export const VariablePath = z.object({ name })
export const VariableBody = z.object({ name, scope, updated_at: time }).meta({ id: 'Variable' })
export const VariableList = z.object({
  environment: z.string().nullable().describe('Null: all environments of the repository'),
  variables: z.array(VariableBody),
})
export const SetBody = z.strictObject({ value, scope: scope.default('both') })
export const ImportBody = z.strictObject({
  variables: z.array(z.strictObject({ name, value })).min(1).max(maxVariables),
  scope: scope.default('both'),
  dry_run: z.boolean().default(false).describe('Tells what would happen, and changes nothing'),
})
export const outcomes = ['added', 'changed', 'unchanged', 'refused'] as const
export const Imported = z.object({
  dry_run: z.boolean(),
  results: z.array(
    z.object({
      name,
      outcome: z.enum(outcomes),
      reason: z.string().nullable().describe('Why it was refused'),
    }),
  ),
})
export const Removed = z.object({ name })
