// All commands against a server, and the names of those that are not: one table for parser, help and completion.
import { builds } from './nouns/builds.ts'
import { deletions } from './nouns/deletions.ts'
import { environments } from './nouns/environments.ts'
import { executions } from './nouns/executions.ts'
import { functions } from './nouns/functions.ts'
import { keys } from './nouns/keys.ts'
import { tokens } from './nouns/tokens.ts'
import { variables } from './nouns/variables.ts'
import { vercel } from './nouns/vercel.ts'
import type { Noun } from './verb.ts'

export const nouns: Readonly<Record<string, Noun>> = {
  functions,
  executions,
  builds,
  environments,
  deletions,
  tokens,
  keys,
  variables,
  vercel,
}
