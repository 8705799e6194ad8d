// One line of a comment, from its words to the outcome of its verb. The role is checked before anything of the repository is
// told, and again for the target once that is known.
import type { Role } from '../environments/repository-file.ts'
import type { Environment } from '../environments/store.ts'
import { code, codes } from '../functions/markdown.ts'
import { type Outcome, refused } from '../functions/outcome.ts'
import { suggest } from '../functions/suggest.ts'
import { type Arguments, readArguments } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { maxCommands, maxLineLength, type ParsedCommand, parseLine } from './parse.ts'
import { decide, isAtLeast } from './permissions.ts'
import { pressedTooLate } from './press.ts'
import { commandNames, findCommand, registry } from './registry.ts'
import type { CommandRow } from './store.ts'
import { listOf, previewIn, resolveTarget } from './target.ts'

interface Situation extends Omit<Context, 'actor' | 'commands' | 'commentedAt' | 'commitSha' | 'inPull'> {
  /** Null: GitHub could not be asked. */
  role: Role | null
  /** Teams named for the command that its author belongs to. */
  memberOf: readonly string[]
  slug: string | undefined
}

/** Null: it was none of ours after all. */
export async function carryOut(row: CommandRow, situation: Situation): Promise<Outcome | null> {
  const parsed = parseLine(row.line, situation.slug)
  const command = parsed && findCommand(parsed.name)
  if (!parsed || !command) return mistyped(parsed, situation.role)
  const denied = ask(row, command, situation, null)
  if (denied) return denied
  const unfit = unfitness(row, parsed) ?? misplaced(row, command)
  if (unfit) return unfit
  const read = readArguments(parsed, command)
  return read.kind === 'read' ? onTarget(row, command, situation, read.arguments) : read
}

async function onTarget(row: CommandRow, command: Command, situation: Situation, given: Arguments) {
  const { environments } = situation
  const preview = row.isPull ? previewIn(environments, row.issueNumber) : null
  const target = resolveTarget(given.names, { environments, preview }, command)
  if (target.kind !== 'target') return target
  const { environment, functionName, implied } = target
  const denied = ask(row, command, situation, environment)
  if (denied) return denied
  const late =
    row.buildId && environment
      ? await pressedTooLate(situation.core.db, row.buildId, command.name, environment)
      : null
  if (late) return late
  const { actor, commentedAt, commitSha, isPull: inPull } = row
  const context = { ...situation, actor, commentedAt, commitSha, inPull, commands: registry }
  const outcome = await command.run(context, { ...given, environment, functionName })
  // The one name there was may have been meant for an environment.
  return implied && outcome.code === 'no_such_function'
    ? { ...outcome, message: `${outcome.message} Nor is it an environment. ${listOf(environments)}` }
    : outcome
}

function ask(row: CommandRow, command: Command, situation: Situation, environment: Environment | null) {
  const { role, memberOf, file } = situation
  const onClosedPull = row.isPull && !row.isOpen
  return decide({ command, environment, role, memberOf, actor: row.actor, onClosedPull, file })
}

function unfitness(row: CommandRow, { name, problem }: ParsedCommand): Outcome | null {
  if (row.position >= maxCommands)
    return refused(
      'too_many_commands',
      `A comment may hold ${maxCommands} commands; this one and those after it were left out. Post them in another comment.`,
    )
  if (problem === 'line_too_long')
    return refused(
      'line_too_long',
      `The line of a command may have ${maxLineLength} characters; this one has more.`,
    )
  if (problem === 'unclosed_quote')
    return refused('unclosed_quote', 'A quotation mark is not closed, so I cannot tell where the text ends.')
  return staleness(row, name)
}

function misplaced({ commitSha }: CommandRow, { name, onCommits }: Command): Outcome | null {
  if (commitSha === null || onCommits) return null
  const obeyed = registry.filter(command => command.onCommits).map(command => `/${command.name}`)
  return refused(
    'not_on_commits',
    `${code(`/${name}`)} is obeyed on pull requests and issues. On a commit there are: ${codes(obeyed)}.`,
  )
}

/** What was meant hours ago, before it came here, may be the opposite of what is right now. */
function staleness({ commentedAt, createdAt }: CommandRow, name: string): Outcome | null {
  const minutes = Math.floor((createdAt.getTime() - commentedAt.getTime()) / 60_000)
  if (minutes < staleAfterMinutes || readers.has(name)) return null
  return refused(
    'stale_comment',
    `This comment came to me ${minutes} minutes after it was written, so I did nothing. Post ${code(`/${name}`)} again if it is still meant.`,
  )
}

const staleAfterMinutes = 60
const readers: ReadonlySet<string> = new Set(['help', 'status', 'logs'])

/** Answered only to people who could have meant a command of ours; to anybody else a slash is just a slash. */
function mistyped(parsed: ParsedCommand | null, role: Role | null): Outcome | null {
  if (!parsed || role === null || !isAtLeast(role, 'write')) return null
  const near = suggest(parsed.name, commandNames)
  const hint = near ? ` Did you mean ${code(`/${near}`)}?` : ''
  return refused(
    'unknown_command',
    `There is no command ${code(`/${parsed.name}`)}.${hint} There are: ${codes(commandNames.map(name => `/${name}`))}.`,
  )
}
