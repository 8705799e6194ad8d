// `sluice variables --database set|remove|list|import`, on the server's machine. A value comes from standard input or a file, never as an
// argument: arguments are seen by every process of the machine and kept in the shell's history. No value is ever printed.
import { parseArgs } from 'node:util'
import { importReport, type Report, readLines, readNamed } from './command-line/import-report.ts'
import type { Config } from './config.ts'
import { connect, type Db } from './db/client.ts'
import { migrate } from './db/migrate.ts'
import { importVariables } from './environments/import-variables.ts'
import { findNamedEnvironment, findNamedRepository } from './environments/named.ts'
import { maxTotalBytes } from './environments/variable-rules.ts'
import { listNames, removeVariable, type Setting, setVariables } from './environments/variables.ts'
import type { Owner, Scope } from './environments/variables-store.ts'
import { AppError } from './errors.ts'
import { createLog } from './log.ts'
import { masterKeyOf } from './master-key.ts'

export const variablesHelp = `Variables of builds and functions, sealed in the database and never shown again. This works on the database of this
machine; without --database "sluice variables" asks a server.

  sluice variables --database set    --environment owner/repo#name [--scope build|run|both] NAME   < value
  sluice variables --database remove --environment owner/repo#name NAME
  sluice variables --database list   --environment owner/repo#name
  sluice variables --database import --environment owner/repo#name [--scope build|run|both] [--file .env] [--dry-run]

--repository owner/repo instead of --environment: for all environments of the repository; an environment's own variable
takes the place of the repository's of that name. set reads the value from standard input, import reads NAME=value lines
from the file, or from standard input. The scope says who gets it: builds (install and prebuild command), running
functions, or both (the default).
`

const options = {
  environment: { type: 'string' },
  repository: { type: 'string' },
  scope: { type: 'string' },
  file: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const

interface Asked {
  db: Db
  masterKey: string
  owner: Owner
  scope: Scope
  names: string[]
  file: string | undefined
  dryRun: boolean
}

const verbs: Record<string, (asked: Asked) => Promise<string | Report>> = {
  set,
  remove,
  list,
  import: importAll,
}

export async function variablesCommand(url: string, config: Config, args: string[]): Promise<number> {
  const [verb = '', ...rest] = args
  const carryOut = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!carryOut) throw new AppError('malformed', variablesHelp)
  const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true })
  const scope = parseScope(values.scope ?? 'both')
  await migrate(url)
  const { db, close } = connect(url, { max: 2, name: 'sluice variables' })
  try {
    const owner = await findOwner(db, values.environment, values.repository)
    const masterKey = masterKeyOf(config, createLog('warn'))
    const { file, 'dry-run': dryRun } = values
    const said = await carryOut({ db, masterKey, owner, scope, names: positionals, file, dryRun })
    process.stdout.write(typeof said === 'string' ? said : said.text)
    return typeof said === 'string' ? 0 : said.exitCode
  } finally {
    await close()
  }
}

async function set({ db, masterKey, owner, scope, names }: Asked): Promise<string> {
  const name = oneName(names)
  const value = (await readInput()).replace(/\r?\n$/, '')
  await setVariables(db, masterKey, owner, [{ name, value, scope }])
  return `${name} is set (${scope}). New builds and new processes get it.\n`
}

async function remove({ db, owner, names }: Asked): Promise<string> {
  const name = oneName(names)
  await removeVariable(db, owner, name)
  return `${name} is removed.\n`
}

async function list({ db, owner, names }: Asked): Promise<string> {
  noName(names)
  const listed = await listNames(db, owner)
  if (listed.length === 0) return 'There are no variables.\n'
  const width = Math.max(...listed.map(({ name }) => name.length))
  return listed
    .map(
      ({ name, scope, updatedAt }) =>
        `${name.padEnd(width)}  ${scope.padEnd(5)}  ${updatedAt.toISOString()}\n`,
    )
    .join('')
}

async function importAll({ db, masterKey, owner, scope, names, file, dryRun }: Asked): Promise<Report> {
  noName(names)
  const text = file === undefined ? await readInput() : await readNamed(file)
  const settings = readLines(file ?? 'Standard input', text).map((one): Setting => ({ ...one, scope }))
  return importReport({
    dry_run: dryRun,
    results: await importVariables(db, masterKey, owner, settings, dryRun),
  })
}

async function findOwner(
  db: Db,
  environment: string | undefined,
  repository: string | undefined,
): Promise<Owner> {
  if ((environment === undefined) === (repository === undefined))
    throw new AppError('malformed', 'Give either --environment owner/repo#name or --repository owner/repo.')
  if (environment === undefined) {
    const { id } = await findNamedRepository(
      db,
      repository ?? '',
      '"sluice variables --database --help" shows how.',
    )
    return { repositoryId: id, environmentId: null }
  }
  const found = await findNamedEnvironment(db, environment, '"sluice variables --database --help" shows how.')
  return { repositoryId: found.repositoryId, environmentId: found.id }
}

function parseScope(text: string): Scope {
  if (text === 'build' || text === 'run' || text === 'both') return text
  throw new AppError('malformed', `--scope ${text}: give build, run or both.`)
}

function oneName(names: string[]): string {
  const [name, ...more] = names
  if (name === undefined) throw new AppError('malformed', 'Give the NAME of the variable.')
  if (more.length === 0 && !name.includes('=')) return name
  throw new AppError(
    'malformed',
    'Give one NAME alone: its value is read from standard input, where no other process sees it.',
  )
}

function noName(names: string[]): void {
  if (names.length > 0) throw new AppError('malformed', `"${names[0]}" is not expected here.`)
}

async function readInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Type the value, then Ctrl-D on a line of its own:\n')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    bytes += chunk.length
    if (bytes > maxTotalBytes)
      throw new AppError('too_large', `Standard input is larger than ${maxTotalBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
