// /help: the commands as they are in force in this repository, with the role each needs here.
import type { RepositoryFile } from '../environments/repository-file.ts'
import { code } from '../functions/markdown.ts'
import { done } from '../functions/outcome.ts'
import type { Command } from './command.ts'
import { roleNeeded } from './permissions.ts'

export const helpCommand: Command = {
  name: 'help',
  usage: '/help',
  help: 'This list.',
  mutates: false,
  minimum: { preview: 'read', named: 'read' },
  onClosedPull: true,
  onCommits: true,
  accepts: { names: 0 },
  target: 'none',
  async run({ commands, file }) {
    return done('help', helpText(commands, file))
  },
}

export function helpText(commands: readonly Command[], file: Pick<RepositoryFile, 'commands'>): string {
  const lines = commands.map(command => {
    const preview = roleNeeded(command, true, file).role
    const named = roleNeeded(command, false, file).role
    const who = preview === named ? named : `${named}, on previews ${preview}`
    return `- ${code(command.usage)} (${who}): ${command.help}`
  })
  return [
    'A command stands at the start of a line, at most five in a comment. In a pull request the environment, where left out, is its preview.',
    '',
    ...lines,
    '',
    `Every one that changes something takes ${code('--dry-run')}: it then says what it would do.`,
  ].join('\n')
}
