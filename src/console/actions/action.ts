// What an action of the console is: one file each, listed in registry.ts. routes.ts sees to who may, asks first and then calls; an action
// only says what it asks and which verb of the domains it is.
import type { Command } from '../../commands/command.ts'
import { findCommand } from '../../commands/registry.ts'
import type { Outcome } from '../../functions/outcome.ts'
import type { Console, InEnvironment } from '../context.ts'
import type { Html } from '../html/html.ts'

export type Rule = Pick<Command, 'name' | 'minimum' | 'neverAbove' | 'neverBelow'>

export interface Asked {
  visit: InEnvironment
  /** Null: the whole environment. */
  functionName: string | null
  /** What was filled in; of a page that still asks, what its address says. */
  form: URLSearchParams
}

export interface Action {
  name: string
  on: 'function' | 'environment' | 'either'
  /** Of the command that does the same; its rules in the repository file hold here, too. */
  rule: Rule
  /** "Pause", before the name of what it is about. */
  title: string
  lesson: string
  /** On the button; left out: the title. */
  button?: string
  danger?: boolean
  fields?(console: Console, asked: Asked): Promise<Html> | Html
  /** A dry run changes nothing and says what would happen; null: it cannot say. */
  carryOut(console: Console, asked: Asked, dryRun: boolean): Promise<Outcome | null>
}

/** @throws when there is no such command: at start. */
export function ruleOf(name: string): Rule {
  const command = findCommand(name)
  if (!command) throw new Error(`there is no command ${name}`)
  return command
}

/** For verbs on a function. */
export function onFunction({ visit, functionName }: Asked, dryRun: boolean) {
  return {
    environmentId: visit.environment.id,
    functionName: functionName ?? '',
    actor: visit.person.login,
    dryRun,
  }
}

/** For verbs on a function or a whole environment. */
export function onEither(asked: Asked, dryRun: boolean) {
  return { ...onFunction(asked, dryRun), functionName: asked.functionName }
}

/** Of a field; null where nothing was written. */
export function written(form: URLSearchParams, name: string, longest = 500): string | null {
  return form.get(name)?.trim().slice(0, longest) || null
}
