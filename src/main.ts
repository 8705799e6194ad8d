// The command line: one word for what to do, --help for the rest. Errors that a person can mend are one message, no stack.
import { parseArgs } from 'node:util'
import type { App } from './app.ts'
import { allCommands, ofLogin, ofServer } from './command-line/commands.ts'
import { exitCodeOf, exitCodesTable, isMisunderstood } from './command-line/exit-codes.ts'
import { near } from './command-line/parse.ts'
import { type Config, type Role, readConfig, roles } from './config.ts'
import { tolerateLoss } from './db/connection-loss.ts'
import { startCluster } from './db/embedded/cluster.ts'
import { migrate } from './db/migrate.ts'
import { AppError, messageOf } from './errors.ts'
import { giveBackHeap } from './heap.ts'
import { keyCommand, keyHelp } from './key-command.ts'
import { createLog, type Log } from './log.ts'
import { masterKeyCommand, masterKeyHelp } from './master-key-command.ts'
import { previewsCommand } from './previews-command.ts'
import { tokenCommand, tokenHelp } from './token-command.ts'
import { variablesCommand, variablesHelp } from './variables-command.ts'

const help = `Sluice runs the background functions of your repositories: push, and they are live.

On the server's own machine (settings and database are its own):
  sluice start [--roles web,builder,worker]   start the server (all roles by default)
               [--poll]                       where no webhook can reach it: ask GitHub what happened
  sluice doctor [--json]                      look at everything that has to be right, and say what to do
  sluice migrate                              bring the database to this version's schema
  sluice token create|list|revoke             tokens by which applications call functions: DEFER_TOKEN
  sluice key create|list|revoke               keys of the API, the first one among them
  sluice variables --database set|remove|list|import
                                              what builds and functions find in their environment
  sluice master-key status|create|rotate      another key for what is sealed in the database
  sluice previews close --confirm <count>     let that many previews be closed at once, after an alert
  sluice sandbox                              start only the local GitHub and Slack, to try things
  sluice demo [--once]                        watch the whole story on your machine

Anywhere, asking a server over HTTP with a key:
  sluice login --server URL                   keep a key for it on this machine; logout removes it
  sluice functions list|get|versions|rollback|pause|resume|archive|restore|delete
  sluice executions list|get|logs|cancel|rerun
  sluice builds list|get|log
  sluice environments list
  sluice deletions list|status|cancel
  sluice tokens list|create|revoke            DEFER_TOKENs of an environment
  sluice keys list|create|revoke              keys of the API, made with a key
  sluice variables list|set|import|remove     what builds and functions find in their environment
  sluice vercel link|pull                     an application on Vercel that calls functions here
  sluice config                               which server, environment and key are used
  sluice completion bash|zsh|fish             for your shell

  sluice <command> --help                     all about one, with examples
  sluice --help | --version

Settings of the server are environment variables; README.md lists them. Without DATABASE_URL a PostgreSQL of our own is started.
Exit codes:
${exitCodesTable()}`

const stopGraceMs = 25_000

async function main(args: string[]): Promise<number> {
  const [command, ...rest] = args
  if (!command || command === '--help' || command === '-h' || command === 'help') return print(help)
  if (command === '--version')
    return print(`${(await import('../package.json', { with: { type: 'json' } })).default.version}\n`)
  const database = command === 'variables' && rest[0] === '--database'
  if (database) return withHelp(variablesHelp, rest.slice(1), variablesCommand)
  if (isOfServer(command)) {
    const { runCommand } = await import('./command-line/run.ts')
    return runCommand(command, rest, { streams: process, env: process.env })
  }
  if (command === 'key') return withHelp(keyHelp, rest, (url, _config, args) => keyCommand(url, args))
  if (command === 'token') return withHelp(tokenHelp, rest, (url, _config, args) => tokenCommand(url, args))
  if (command === 'master-key') return withHelp(masterKeyHelp, rest, masterKeyCommand)
  if (rest.includes('--help') || rest.includes('-h')) return print(help)
  if (command === 'start') return start(rest)
  if (command === 'migrate') return runMigrate()
  if (command === 'doctor') return (await import('./doctor-command.ts')).doctor(process.env, rest)
  if (command === 'previews') return withDatabase(url => previewsCommand(url, rest))
  if (command === 'sandbox') return (await import('../sandbox/main.ts')).runSandbox(rest)
  if (command === 'demo') return (await import('../sandbox/demo/main.ts')).runDemo(rest)
  throw new AppError(
    'malformed',
    `There is no command "${command}".${near(command, allCommands)} "sluice --help" lists them.`,
  )
}

function isOfServer(command: string): boolean {
  const words: readonly string[] = [...ofServer, ...ofLogin]
  return words.includes(command)
}

/** One that works on the database, and has a help of its own. */
function withHelp(
  text: string,
  args: string[],
  work: (url: string, config: Config, args: string[]) => Promise<number>,
): Promise<number> | number {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) return print(text)
  return withDatabase((url, config) => work(url, config, args))
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

async function start(args: string[]): Promise<number> {
  const options = {
    roles: { type: 'string' },
    channel: { type: 'string' },
    poll: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const wanted = parseRoles(values.roles)
  const given = values.poll ? { ...process.env, SLUICE_POLL: 'on' } : process.env
  let config = { ...readConfig(given), channel: values.channel ?? 'stable' }
  const log = createLog(config.logLevel)
  process.on('unhandledRejection', tolerateLoss)
  const signals = listenToSignals(log)
  const { createApp } = await import('./app.ts') // the whole product; the other commands do without it
  giveBackHeap()
  for (;;) {
    const configured = Promise.withResolvers<'configured'>()
    const app = await createApp(config, log, wanted, () => configured.resolve('configured'))
    announce(app)
    const why = await Promise.race([signals, configured.promise])
    log.info({ why }, 'stopping')
    await app.stop(new Date(Date.now() + stopGraceMs))
    if (why !== 'configured') return 0
    config = { ...config, port: app.port } // GitHub was told this address
  }
}

/** Resolves at the first signal. A second one ends the process at once: leases and PostgreSQL recover what is left. */
function listenToSignals(log: Log): Promise<NodeJS.Signals> {
  const asked = Promise.withResolvers<NodeJS.Signals>()
  let times = 0
  const heard = (signal: NodeJS.Signals): void => {
    if (++times > 1) process.exit(130)
    log.info({ signal }, 'asked to stop')
    asked.resolve(signal)
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
  return asked.promise
}

function announce(app: App): void {
  process.stdout.write(`Sluice is up at ${app.url}\n`)
  if (app.setupUrl) process.stdout.write(`No GitHub App is set up yet. Set it up at ${app.setupUrl}\n`)
}

function parseRoles(text: string | undefined): ReadonlySet<Role> {
  const named = text?.split(',').map(role => role.trim()) ?? [...roles]
  const known = named.filter((role): role is Role => roles.some(one => one === role))
  if (known.length === 0 || known.length < named.length) {
    throw new AppError('malformed', `--roles ${text}: give some of ${roles.join(', ')}, separated by commas.`)
  }
  return new Set(known)
}

function runMigrate(): Promise<number> {
  return withDatabase(async url => {
    const applied = await migrate(url)
    return print(
      applied === 0
        ? 'The database is up to date.\n'
        : `Applied ${applied} migration${applied === 1 ? '' : 's'}.\n`,
    )
  })
}

/** Runs work on the configured database; the embedded one is started for it, or shared with a Sluice that runs. */
async function withDatabase(work: (url: string, config: Config) => Promise<number>): Promise<number> {
  const config = readConfig(process.env)
  if (config.databaseUrl) return work(config.databaseUrl, config)
  const cluster = await startCluster(config.dataDir)
  try {
    return await work(cluster.url(), config)
  } finally {
    await cluster.stop()
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
  process.exit()
} catch (error) {
  const mendable = error instanceof AppError || isMisunderstood(error)
  process.stderr.write(
    `${mendable ? messageOf(error) : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exit(exitCodeOf(error))
}
