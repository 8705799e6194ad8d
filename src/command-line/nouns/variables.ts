// sluice variables, against a server. A value comes from standard input, a file, or is typed unseen; never from an argument, which
// every process of the machine can read.
import { Imported, Removed, VariableBody, VariableList } from '../../api/variables/shapes.ts'
import { variableScopes } from '../../db/schema/columns.ts'
import { maxTotalBytes } from '../../environments/variable-rules.ts'
import { AppError } from '../../errors.ts'
import { confirm, confirmOption } from '../confirm.ts'
import { importReport, readLines, readNamed } from '../import-report.ts'
import { shownTime, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { Asked, Noun, Option, Verb } from '../verb.ts'

const whose = {
  'all-environments': { type: 'boolean', help: 'what all environments of the repository share' },
} as const satisfies Record<string, Option>
const scope = {
  scope: { type: 'string', words: variableScopes, help: 'who is given it; both where left out' },
} as const satisfies Record<string, Option>

function queryOf({ flag }: Asked) {
  return flag('all-environments') ? { environment: undefined, all_environments: true } : {}
}

const listAll: Verb = {
  summary: 'Names of variables; their values are never shown.',
  options: whose,
  examples: ['sluice variables list -e production', 'sluice variables list --all-environments'],
  async run(asked) {
    const found = await asked.server.get('/variables', queryOf(asked), VariableList)
    return {
      data: found,
      text: paper =>
        table(
          paper,
          found.variables,
          [
            { title: 'name', value: one => one.name },
            { title: 'for', value: one => one.scope },
            { title: 'set', value: one => shownTime(one.updated_at) },
          ],
          'There are none.',
        ),
    }
  },
}

const set: Verb = {
  summary: 'Sets a variable to what comes from standard input.',
  takes: ['NAME'],
  options: { ...whose, ...scope },
  examples: [
    'sluice variables set STRIPE_KEY -e production < stripe-key.txt',
    'pass show npm | sluice variables set NPM_TOKEN --all-environments --scope build',
  ],
  async run(asked) {
    const name = nameIn(asked)
    const value = await valueFor(asked.terminal, name)
    const body = { value, scope: asked.text('scope') }
    const path = `/variables/${encodeURIComponent(name)}`
    const done = await asked.server.send('PUT', path, body, VariableBody, queryOf(asked))
    return {
      data: done,
      text: () => `${done.name} is set (${done.scope}). New builds and new processes get it.\n`,
    }
  },
}

function nameIn({ given: [name = ''] }: Asked): string {
  if (!name.includes('=')) return name
  throw new AppError(
    'malformed',
    'Give the NAME alone: its value is read from standard input, where no other process sees it.',
  )
}

async function valueFor(terminal: Terminal, name: string): Promise<string> {
  if (terminal.canAsk) return terminal.askSecret(`Value of ${name} (it is not shown): `)
  return (await terminal.readInput(maxTotalBytes)).replace(/\r?\n$/, '')
}

const importAll: Verb = {
  summary: 'Sets all variables of a file of NAME=value lines (.env).',
  options: {
    ...{ ...whose, ...scope },
    file: { type: 'string', value: 'FILE', help: 'standard input where left out' },
    'dry-run': { type: 'boolean', help: 'say what would happen, and change nothing' },
  },
  examples: [
    'sluice variables import --file .env -e staging --dry-run',
    'sops -d env.enc | sluice variables import',
  ],
  async run(asked) {
    const { text, flag, terminal, server } = asked
    const file = text('file')
    const variables = readLines(
      file ?? 'Standard input',
      file === undefined ? await terminal.readInput(2 * maxTotalBytes) : await readNamed(file),
    )
    const body = { variables, scope: text('scope'), dry_run: flag('dry-run') }
    const done = await server.send('POST', '/variables/import', body, Imported, queryOf(asked))
    const { text: report, exitCode } = importReport(done)
    return { data: done, text: () => report, exitCode }
  },
}

const remove: Verb = {
  summary: 'Removes a variable.',
  takes: ['NAME'],
  options: { ...whose, ...confirmOption },
  examples: ['sluice variables remove STRIPE_KEY -e staging --confirm STRIPE_KEY'],
  async run(asked) {
    const name = nameIn(asked)
    await confirm(asked, `Nobody can read the value of ${name} to set it again.`, name)
    const path = `/variables/${encodeURIComponent(name)}`
    const done = await asked.server.send('DELETE', path, undefined, Removed, queryOf(asked))
    return { data: done, text: () => `${name} is removed.\n` }
  },
}

export const variables: Noun = {
  summary: 'Variables: what builds and functions find in their environment.',
  about: `With --database first ("sluice variables --database list …") the database of this machine is asked instead of a server, by
whoever operates it; "sluice variables --database --help" says how.`,
  verbs: { list: listAll, set, import: importAll, remove },
}
