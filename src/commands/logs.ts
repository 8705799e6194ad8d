// /logs: the end of what the newest build said, or the newest executions of a function. Only in private repositories: of a public
// one everybody reads the answer. What is a value of a variable is masked once more, as values change.

import { createMask, type Mask } from '../builds/mask.ts'
import { printable } from '../builds/plain-text.ts'
import type { Environment, Repository } from '../environments/store.ts'
import { listExecutions, noFilters } from '../executions/list-store.ts'
import { linesOf } from '../executions/log-parts.ts'
import { findLastParts } from '../executions/log-store.ts'
import { code, codes } from '../functions/markdown.ts'
import { done, type Outcome, refused } from '../functions/outcome.ts'
import { findFunctionByName, listFunctions } from '../functions/store.ts'
import { type Command, type Context, targetOf } from './command.ts'
import { lastLogLines, newestBuild } from './store.ts'

const mostExecutions = 3
const mostLines = 40
const mostCharacters = 12_000

export const logsCommand: Command = {
  name: 'logs',
  usage: '/logs [environment] [function]',
  help: "The end of the newest build's log, or of what the newest executions of a function said; in private repositories.",
  mutates: false,
  minimum: { preview: 'write', named: 'write' },
  onClosedPull: true,
  onCommits: true,
  accepts: { names: 2 },
  target: 'environment or function',
  async run(context, request) {
    const { environment, functionName } = targetOf(request)
    if (!context.repository.private) return elsewhere(context, environment)
    const mask = createMask(await context.secretsOf(environment))
    return functionName === null
      ? ofBuild(context, environment, mask)
      : ofFunction(context, environment, functionName, mask)
  },
}

async function elsewhere({ core, repository }: Context, environment: Environment): Promise<Outcome> {
  const build = await newestBuild(core.db, environment.id)
  const where = build
    ? ` The newest build of **${environment.name}** is told in the checks of ${commitOf(repository, build.sha)}.`
    : ''
  return done('logs_elsewhere', `This repository is public, so no log is shown in a comment.${where}`)
}

/** GitHub makes a link of it. */
const commitOf = ({ owner, name }: Repository, sha: string) => `${owner}/${name}@${sha}`

async function ofBuild({ core }: Context, environment: Environment, mask: Mask): Promise<Outcome> {
  const build = await newestBuild(core.db, environment.id)
  if (!build) return refused('nothing_built', `Nothing was built for **${environment.name}** yet.`)
  const lines = await lastLogLines(core.db, build.id, mostLines)
  const which = `Build ${build.number} (${code(build.sha.slice(0, 7))}) of **${environment.name}**: ${build.state}.`
  return done('logs', `${which}\n\n${block(lines, mask)}`)
}

async function ofFunction(
  { core }: Context,
  environment: Environment,
  name: string,
  mask: Mask,
): Promise<Outcome> {
  const one = await findFunctionByName(core.db, environment.id, name)
  if (!one) {
    const names = (await listFunctions(core.db, environment.id)).map(it => it.name)
    const list = names.length === 0 ? 'It has none yet.' : `It has: ${codes(names)}.`
    return refused('no_such_function', `**${environment.name}** has no function ${code(name)}. ${list}`)
  }
  const page = { size: mostExecutions, fromEnd: false, after: null, before: null }
  const newest = await listExecutions(core.db, environment.id, page, { ...noFilters, functionIds: [one.id] })
  if (newest.items.length === 0)
    return done('logs', `${code(name)} was never called in **${environment.name}**.`)
  const told: string[] = []
  for (const { id, state } of newest.items) {
    const parts = await findLastParts(core.db, id, 2)
    const lines = parts.flatMap(part => linesOf(part.lines)).map(line => line.text)
    told.push(`Execution ${code(id)}: ${state}.\n\n${block(lines.slice(-mostLines), mask)}`)
  }
  return done('logs', told.join('\n\n'))
}

/** Closed by more backticks than stand anywhere in it. */
function block(lines: readonly string[], mask: Mask): string {
  const text = printable(lines.map(line => mask(line)).join('\n')).slice(-mostCharacters)
  if (text.trim() === '') return 'It said nothing.'
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0)
  const ticks = '`'.repeat(Math.max(3, longest + 1))
  return `${ticks}\n${text}\n${ticks}`
}
