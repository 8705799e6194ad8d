// Runs one command against a server, or one about which server that is: parses it, finds server and key, shows what came of it.
import { AppError } from '../errors.ts'
import { completion, completionHelp } from './completion.ts'
import { helpOfNoun, helpOfVerb } from './help.ts'
import { keptFile, readKept, writeKept } from './kept-login.ts'
import { login, logout, type Place } from './login.ts'
import { config, configHelp } from './nouns/config.ts'
import { nouns } from './nouns.ts'
import { misunderstood, near, type Parsed, parseVerb } from './parse.ts'
import { connectTo } from './server.ts'
import { createTerminal, type Streams, type Terminal } from './terminal.ts'
import type { Shown, Verb } from './verb.ts'
import { type Said, warningOf, whichServer } from './which-server.ts'

export interface World {
  streams: Streams
  env: NodeJS.ProcessEnv
}

/** Resolves to the exit code. @throws what exit-codes.ts has codes for. */
export async function runCommand(command: string, args: string[], world: World): Promise<number> {
  const terminal = createTerminal(world.streams, world.env)
  const code = await carryOut(command, args, world.env, terminal)
  // A pipe may still be taking what was written.
  await new Promise<void>(resolve => void world.streams.stdout.write('', () => resolve()))
  return code
}

async function carryOut(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const noun = Object.hasOwn(nouns, command) ? nouns[command] : undefined
  if (!noun) return withoutServer(command, args, env, terminal)
  const [name = '', ...rest] = args
  if (name === '' || name === '--help' || name === '-h' || name === 'help')
    return shown(terminal, { data: null, text: () => helpOfNoun(command, noun) }, false)
  const verb = Object.hasOwn(noun.verbs, name) ? noun.verbs[name] : undefined
  if (!verb)
    throw misunderstood(
      `sluice ${command}`,
      `There is no "sluice ${command} ${name}".${near(name, Object.keys(noun.verbs), `sluice ${command} `)}`,
    )
  const parsed = parseVerb(`sluice ${command} ${name}`, verb, rest)
  if (parsed.values.help)
    return shown(terminal, { data: null, text: () => helpOfVerb(command, name, verb) }, false)
  return ask(verb, parsed, env, terminal)
}

async function ask(
  verb: Verb,
  { given, values }: Parsed,
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const chosen = whichServer(saidIn(values), env, await readKept(keptFile(env, process.platform)))
  terminal.err(warningOf(chosen.url) ?? '')
  const came = await verb.run({
    given,
    text: option => textOf(values[option]),
    flag: option => values[option] === true,
    setting: name => env[name] || undefined,
    server: connectTo(chosen),
    terminal,
  })
  return typeof came === 'number' ? came : shown(terminal, came, values.json === true)
}

const textOf = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined)

const saidIn = (values: Parsed['values']): Said => ({
  server: textOf(values.server),
  environment: textOf(values.environment),
})

const loginHelp = `Keeps a key for a server on this machine, in a file that only you can read, after trying it.

  sluice login  --server URL [--environment NAME]   reads the key from standard input, or asks for it
  sluice logout [--server URL]                      removes it here again

Examples:
  sluice login --server https://sluice.example.com -e production
  pass show sluice | sluice login --server sluice.example.com

Without a kept key: SLUICE_KEY, with --server or SLUICE_SERVER. Whoever operates the server makes keys: sluice key create
`

const helps: Record<string, string> = {
  login: loginHelp,
  logout: loginHelp,
  config: configHelp,
  completion: completionHelp,
}

async function withoutServer(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const takes =
    command === 'config' ? ['what?', 'name?', 'value?'] : command === 'completion' ? ['shell?'] : []
  const { given, values } = parseVerb(`sluice ${command}`, { ...verbless, takes }, args)
  if (values.help) return shown(terminal, { data: null, text: () => helps[command] ?? '' }, false)
  if (command === 'completion') {
    terminal.out(completion(given[0] ?? '', nouns))
    return 0
  }
  const file = keptFile(env, process.platform)
  const kept = await readKept(file)
  const place: Place = { env, file, kept, terminal, write: next => writeKept(file, next) }
  const said = saidIn(values)
  if (command === 'config')
    return shown(terminal, await config(given.filter(Boolean), said, place), values.json === true)
  if (command !== 'login' && command !== 'logout')
    throw new AppError('malformed', `There is no command "${command}".`)
  terminal.err(await (command === 'login' ? login : logout)(said, place))
  return 0
}

const verbless: Verb = { summary: '', examples: [], run: async () => 0 }

function shown(terminal: Terminal, { data, text, exitCode = 0 }: Shown, asJson: boolean): number {
  terminal.out(asJson ? `${JSON.stringify(data, null, 2)}\n` : text(terminal))
  return exitCode
}
