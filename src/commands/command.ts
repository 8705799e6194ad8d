// What a command is: one file each, listed in registry.ts. The runner reads its line, finds its target and checks the role
// before `run`; a command only says what it wants and calls a verb of the domains.

import type { Commit, Pull } from '../builds/ports.ts'
import type { RepositoryFile, Role } from '../environments/repository-file.ts'
import type { Environment, Repository } from '../environments/store.ts'
import type { Core } from '../events/outbox.ts'
import type { Outcome } from '../functions/outcome.ts'
import type { Accepts, Arguments } from './arguments.ts'

export interface Command {
  name: string
  usage: string
  help: string
  /** Takes --dry-run; the others change nothing anyway. */
  mutates: boolean
  /** Who may, unless the repository file says otherwise: on previews, and on every other environment. */
  minimum: { preview: Role; named: Role }
  /** Never needs more than this other one does, whatever the repository file says. */
  neverAbove?: 'delete'
  /** Nor less than this: it builds or runs code. */
  neverBelow?: 'write'
  /** Whether it is obeyed on a pull request that is closed. */
  onClosedPull: boolean
  /** Whether it is obeyed in a comment on a commit. */
  onCommits?: true
  accepts: Accepts
  /** Of `environments` the second name is another environment. */
  target: 'none' | 'any environment' | 'environment' | 'environments' | 'environment or function' | 'function'
  /** It has to know what the pull request or the branch it is about is now. */
  looks?: true
  run(context: Context, request: Request): Promise<Outcome>
}

export interface Context {
  /** Its db is the transaction in which the command is carried out and answered. */
  core: Core
  repository: Repository
  file: RepositoryFile
  actor: string
  now: Date
  /** Those open in the repository. */
  environments: Environment[]
  commands: readonly Command[]
  commentedAt: Date
  /** The commit that the comment stands on, if it does. */
  commitSha: string | null
  /** The comment stands in a pull request. */
  inPull: boolean
  /** All values that variables of an environment have: what no answer may show. */
  secretsOf(environment: Environment): Promise<string[]>
  looked: Looked
}

/** As the host of the code had it when the command was about to be carried out. */
export interface Looked {
  pull: Pull | null
  /** Where the environment's branch stands. */
  head: Commit | null
  /** The pull request that the comment stands in; null: it is no comment of one, or nobody had to know. */
  here: Pull | null
}

export interface Request extends Arguments {
  /** Null only for commands that can do without. */
  environment: Environment | null
  functionName: string | null
}

/** For verbs that take an environment, and maybe a function of it. The runner has seen to it that there is one. */
export function targetOf({ environment, functionName, dryRun }: Request) {
  if (!environment) throw new Error('a command that needs an environment was run without one')
  return { environment, environmentId: environment.id, functionName, dryRun }
}

/** For verbs that take a function. */
export function functionOf(request: Request) {
  const { environmentId, functionName, dryRun } = targetOf(request)
  if (functionName === null) throw new Error('a command that needs a function was run without one')
  return { environmentId, functionName, dryRun }
}
