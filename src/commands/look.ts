// What a command has to know of the host of the code, read before its transaction: nobody waits for GitHub with rows locked.
import type { Source } from '../builds/ports.ts'
import type { Db } from '../db/client.ts'
import type { Role } from '../environments/repository-file.ts'
import { listOpenEnvironments, type Repository } from '../environments/store.ts'
import { readArguments } from './arguments.ts'
import type { Looked } from './command.ts'
import { parseLine } from './parse.ts'
import { isAtLeast } from './permissions.ts'
import { findCommand } from './registry.ts'
import type { CommandRow } from './store.ts'
import { previewIn, resolveTarget } from './target.ts'

interface Deps {
  db: Db
  source: Pick<Source, 'pull' | 'head'>
  slug: string | undefined
}

const nothing: Looked = { pull: null, head: null, here: null }

/** Who gave a command, and what they may do. Role null: GitHub could not be asked. */
export interface Who {
  role: Role | null
  /** Of the teams that the repository file names for the command. */
  memberOf: readonly string[]
}

/** Nothing for those who may not write anyway: they cost one question, not two. */
export async function look(
  { db, source, slug }: Deps,
  repository: Repository,
  row: CommandRow,
  { role, memberOf }: Who,
): Promise<Looked> {
  const parsed = parseLine(row.line, slug)
  const command = parsed && findCommand(parsed.name)
  if (!parsed || !command?.looks || role === null) return nothing
  if (!isAtLeast(role, 'write') && memberOf.length === 0) return nothing
  const given = readArguments(parsed, command)
  if (given.kind !== 'read') return nothing
  const environments = await listOpenEnvironments(db, repository.id)
  const preview = row.isPull ? previewIn(environments, row.issueNumber) : null
  const target = resolveTarget(given.arguments.names, { environments, preview }, command)
  if (target.kind !== 'target') return nothing
  const { environment } = target
  const { issueNumber, isPull } = row
  const here = isPull && issueNumber !== null ? () => source.pull(repository, issueNumber) : () => null
  if (command.target === 'environments') return { ...nothing, here: await here() }
  if (environment?.kind === 'branch') {
    const head = await source.head(repository, environment.branch)
    return { ...nothing, head, here: environment.production ? await here() : null }
  }
  const number = environment?.pullNumber ?? (row.isPull ? row.issueNumber : null)
  return number === null ? nothing : { ...nothing, pull: await source.pull(repository, number) }
}
