// Who may: a command's minimum role for its target against the role its author has now. Pure. The repository file of the
// base branch may name another role for a command, for all its targets; nothing else can.
import {
  type RepositoryFile,
  type Role,
  repositoryFilePath,
  rolesInOrder,
} from '../environments/repository-file.ts'
import { code } from '../functions/markdown.ts'
import { type Outcome, refused } from '../functions/outcome.ts'
import type { Command } from './command.ts'

type Rules = Pick<Command, 'name' | 'minimum' | 'neverAbove' | 'neverBelow' | 'onClosedPull'>
type File = Pick<RepositoryFile, 'commands'>

interface Asked {
  command: Rules
  /** Null: the command has no target, or it is not known yet; then the lowest of its roles decides. */
  environment: { name: string; kind: 'branch' | 'preview' } | null
  /** Null: GitHub could not be asked. */
  role: Role | null
  /** Those teams that the file names for this command and its author belongs to. */
  memberOf: readonly string[]
  actor: string
  onClosedPull: boolean
  file: File
}

/** Null: allowed. */
export function decide({
  command,
  environment,
  role,
  memberOf,
  actor,
  onClosedPull,
  file,
}: Asked): Outcome | null {
  const name = code(`/${command.name}`)
  if (role === null)
    return refused(
      'permission_unknown',
      `I could not check what ${code(actor)} may do here, because GitHub did not say. Nothing was changed; post ${name} again in a while.`,
    )
  const needed = roleNeeded(command, environment?.kind !== 'branch', file)
  if (!isAtLeast(role, needed.role) && !needed.teams.some(team => memberOf.includes(team))) {
    const where = environment ? ` on **${environment.name}**` : ''
    return refused(
      'permission_denied',
      `${name}${where} needs the role **${needed.role}**${orTeams(needed.teams)}; ${code(actor)} has **${role}**. The rule: ${needed.rule}.`,
    )
  }
  return onClosedPull && !command.onClosedPull
    ? refused('pull_request_closed', `${name} is obeyed on open pull requests only; this one is closed.`)
    : null
}

interface Needed {
  role: Role
  /** Whose members may as well, whatever their role. */
  teams: readonly string[]
  rule: string
}

export function roleNeeded(
  { name, minimum, neverAbove, neverBelow }: Pick<Rules, 'name' | 'minimum' | 'neverAbove' | 'neverBelow'>,
  onPreview: boolean,
  file: File,
): Needed {
  const { roles } = file.commands
  const standard = onPreview ? minimum.preview : minimum.named
  const teams = teamsNamed({ name, ...(neverAbove && { neverAbove }) }, file)
  const given = roles[name]
  const role = given ?? standard
  const where = `${code(`commands.${name}`)} in ${code(repositoryFilePath)} on the default branch`
  const rule = given === undefined ? `the default, to be changed with ${where}` : where
  if (neverBelow && !isAtLeast(role, neverBelow))
    return { role: neverBelow, teams, rule: `it never needs less than ${neverBelow}` }
  const bound = neverAbove ? (roles[neverAbove] ?? standard) : role
  return isAtLeast(bound, role)
    ? { role, teams, rule }
    : { role: bound, teams, rule: `it never needs more than ${code(`/${neverAbove}`)}` }
}

/** Also of the command that this one is never above. Files stored by an earlier version know no teams. */
export function teamsNamed({ name, neverAbove }: Pick<Rules, 'name' | 'neverAbove'>, file: File): string[] {
  const teams: Record<string, string[]> = file.commands.teams ?? {}
  return [...new Set([...(teams[name] ?? []), ...(neverAbove ? (teams[neverAbove] ?? []) : [])])]
}

function orTeams(teams: readonly string[]): string {
  return teams.map(team => ` or the team ${code(team)}`).join('')
}

export function isAtLeast(role: Role, needed: Role): boolean {
  return rolesInOrder.indexOf(role) >= rolesInOrder.indexOf(needed)
}

/** Everybody may read a public repository, whoever GitHub lists. */
export function effectiveRole(role: Role, isPrivate: boolean): Role {
  return role === 'none' && !isPrivate ? 'read' : role
}
