// What the route of repositories' tokens takes and answers.
import { z } from 'zod'

const production = z.boolean().describe('Whether it may call functions of production environments')
export const RepositoryTokenBody = z.strictObject({ production: production.default(false) })
export const NewRepositoryToken = z
  .object({ token: z.string().describe('Shown now and never again'), production })
  .meta({ id: 'NewRepositoryToken' })
