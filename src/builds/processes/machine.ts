// What builds use of the machine: Node, npm, and the settings npm needs to reach its registry. Nothing else of our own
// environment gets into a build: no settings of Sluice, no token, no home folder.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { env } from 'node:process'
import { AppError } from '../../errors.ts'
import type { Isolation } from '../../isolation/isolation.ts'

export interface Machine {
  node: string
  npm: Npm | null
  /** Search path of commands, this Node first. */
  searchPath: string
  isolation: Isolation
  /** Node, npm and Node's headers: folders that every command may read. */
  programs: readonly string[]
  /** Proxy and certificates: for commands that may use the network. */
  network: Record<string, string>
  /** Where npm finds its registry, and the operator's npmrc files: for npm alone. */
  registry: Record<string, string>
  /** The operator's npmrc files. */
  registryFiles: readonly string[]
  /** Those of them that all would see otherwise: they hold access to registries. */
  hidden: readonly string[]
  /** Files of `network` and `registry` that say whom to trust. */
  certificates: readonly string[]
}

interface Npm {
  file: string
  args: string[]
  /** Tells apart what different npms install; the path where a version could not be read. */
  version: string
}

/** Runs `start` while these are in our own environment: for a library's process that inherits it. */
export function startWith<Started>(settings: Record<string, string>, start: () => Started): Started {
  const before = pick(env, Object.keys(settings))
  Object.assign(env, settings)
  try {
    return start()
  } finally {
    for (const name of Object.keys(settings)) delete env[name]
    Object.assign(env, before)
  }
}

const networkVariables = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]
const npmSettings = ['registry', 'cafile', 'proxy', 'https_proxy', 'noproxy', 'strict_ssl']

/** What it reads of the environment is no setting of ours: where npm is, and how the machine reaches registries. */
export function readMachine(isolation: Isolation, environment: NodeJS.ProcessEnv = env): Machine {
  const npm = findNpm(environment)
  const searchPath = searchPathOf(environment)
  const network = pick(environment, networkVariables)
  const registry = registrySettings(environment, npm)
  const {
    npm_config_userconfig: userFile = '',
    npm_config_globalconfig: globalFile = '',
    npm_config_cafile: authorities = '',
  } = registry
  const registryFiles = [userFile, globalFile].filter(file => existsSync(file))
  const programs = programFolders(npm)
  return {
    node: process.execPath,
    npm,
    searchPath,
    isolation,
    programs,
    network,
    registry,
    registryFiles,
    hidden: registryFiles.filter(file =>
      ['/usr', ...programs].some(folder => file.startsWith(folder + path.sep)),
    ),
    certificates: [authorities, ...Object.values(network)].filter(file => path.isAbsolute(file)),
  }
}

/** Of Node's own place only what belongs to Node: that place may be somebody's home folder. */
function programFolders(npm: Npm | null): string[] {
  const node = path.dirname(process.execPath)
  const script = npm?.args[0]
  return [
    node,
    path.resolve(node, '../include/node'),
    ...(script === undefined ? (npm ? [path.dirname(npm.file)] : []) : [path.resolve(script, '../..')]),
  ]
}

export function searchPathOf(environment: NodeJS.ProcessEnv = env): string {
  const inherited = environment.PATH ?? '/usr/local/bin:/usr/bin:/bin'
  return [path.dirname(process.execPath), inherited].join(path.delimiter)
}

export function requireNpm(machine: Machine): Npm {
  if (machine.npm) return machine.npm
  throw new AppError(
    'misconfigured',
    'The builder found no npm on this machine. Install npm, so that "npm --version" works where Sluice runs.',
  )
}

/** What every command of a build sees. */
export function cleanEnvironment(
  machine: Machine,
  folders: { home: string; temporary: string },
): Record<string, string> {
  return {
    PATH: machine.searchPath,
    HOME: folders.home,
    TMPDIR: folders.temporary,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    CI: 'true',
  }
}

function pick(environment: NodeJS.ProcessEnv, names: string[]): Record<string, string> {
  const set = names.flatMap((name): [string, string][] => {
    const value = environment[name]
    return value ? [[name, value]] : []
  })
  return Object.fromEntries(set)
}

/**
 * The operator's npmrc files go on to count although the build has another home and maybe another Node: npm looks for its
 * global file beside the Node that runs it.
 */
function registrySettings(environment: NodeJS.ProcessEnv, npm: Npm | null): Record<string, string> {
  const named = (setting: string) =>
    environment[`npm_config_${setting}`] ?? environment[`NPM_CONFIG_${setting.toUpperCase()}`]
  const files = {
    userconfig: named('userconfig') ?? path.join(environment.HOME ?? os.homedir(), '.npmrc'),
    globalconfig: named('globalconfig') ?? globalConfigOf(npm),
  }
  const settings = Object.entries({
    ...files,
    ...Object.fromEntries(npmSettings.map(setting => [setting, named(setting)])),
  })
  return Object.fromEntries(
    settings.flatMap(([setting, value]) => (value ? [[`npm_config_${setting}`, value]] : [])),
  )
}

/** npm lives in <prefix>/lib/node_modules/npm/bin/npm-cli.js and its global file in <prefix>/etc/npmrc. */
function globalConfigOf(npm: Npm | null): string | undefined {
  const script = npm?.args[0]
  if (!script?.endsWith('/lib/node_modules/npm/bin/npm-cli.js')) return undefined
  return path.resolve(path.dirname(script), '../../../../../etc/npmrc')
}

/** npm as a script that this Node runs, wherever that is possible: from the npm that started us, or from PATH. */
function findNpm(environment: NodeJS.ProcessEnv): Npm | null {
  const started = environment.npm_execpath
  const onPath = (environment.PATH ?? '')
    .split(path.delimiter)
    .filter(folder => path.isAbsolute(folder))
    .map(folder => path.join(folder, 'npm'))
  const beside = path.resolve(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')
  const candidates = [...(started?.endsWith('npm-cli.js') ? [started] : []), ...onPath, beside]
  const found = candidates.find(candidate => existsSync(candidate))
  return found === undefined ? null : describeNpm(realpathSync(found))
}

function describeNpm(file: string): Npm {
  // A wrapper (volta, asdf) is run as it is: it knows where its npm and its Node are.
  if (!file.endsWith('.js')) return { file, args: [], version: file }
  const description: unknown = JSON.parse(
    readFileSync(path.resolve(path.dirname(file), '../package.json'), 'utf8'),
  )
  const version =
    description && typeof description === 'object' && 'version' in description ? description.version : file
  return { file: process.execPath, args: [file], version: String(version) }
}
