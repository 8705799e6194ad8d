// How each package manager installs what its lockfile says and nothing else: frozen, without the scripts of dependencies
// (RELIABILITY.md S35) and without running code of the project, into plain node_modules folders as npm makes them. That
// layout also for pnpm, Plug'n'Play and Bun's isolated one: a node_modules that is one link into the cache works the same
// for all, the bundler needs no resolver of each manager, and files are found beside each other. Pure.
import { isClassic, type Manager } from './package-manager.ts'

export interface Command {
  args: string[]
  env: Record<string, string>
}

/** What the machine's npm is set to. */
export interface Registry {
  url: string
  /** A file with certificates. */
  certificates: string | null
}

export interface Circumstances {
  manager: Manager
  registry: Registry
  /** The project names a registry of its own, which then counts. */
  ownRegistry: boolean
  /** pnpm-workspace.yaml is there. */
  workspace: boolean
  /** Of downloads; a folder for each manager. */
  cache: string
}

export function commandOf(circumstances: Circumstances): Command {
  const { manager } = circumstances
  if (manager.name === 'yarn') return isClassic(manager) ? yarnClassic(circumstances) : yarn(circumstances)
  return { npm, pnpm, bun }[manager.name](circumstances)
}

// On the command line, where the project's own .npmrc cannot change them: `git` there would name a program to run.
function npm({ cache }: Circumstances): Command {
  return {
    args: [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--logs-max=0',
      '--git=git',
      `--cache=${cache}`,
    ],
    env: { npm_config_update_notifier: 'false', npm_config_progress: 'false' },
  }
}

function yarnClassic({ cache, registry, ownRegistry }: Circumstances): Command {
  return {
    args: [
      'install',
      '--frozen-lockfile',
      '--ignore-scripts',
      '--ignore-engines', // others only warn
      '--non-interactive',
      '--no-progress',
      '--modules-folder=node_modules',
      `--cache-folder=${cache}`,
    ],
    env: {
      YARN_IGNORE_PATH: '1',
      ...(ownRegistry ? {} : { npm_config_registry: registry.url, YARN_REGISTRY: registry.url }),
    },
  }
}

function yarn({ cache, registry, ownRegistry }: Circumstances): Command {
  return {
    args: ['install', '--immutable'],
    env: {
      YARN_IGNORE_PATH: '1',
      YARN_NODE_LINKER: 'node-modules',
      YARN_ENABLE_SCRIPTS: '0',
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_PROGRESS_BARS: '0',
      YARN_ENABLE_GLOBAL_CACHE: '1',
      YARN_GLOBAL_FOLDER: cache,
      ...(ownRegistry ? {} : { YARN_NPM_REGISTRY_SERVER: registry.url }),
    },
  }
}

function pnpm({ cache, workspace, registry, ownRegistry }: Circumstances): Command {
  return {
    args: [
      'install',
      '--frozen-lockfile',
      '--ignore-scripts',
      '--ignore-pnpmfile',
      ...(workspace ? [] : ['--ignore-workspace']),
      '--node-linker=hoisted',
      '--package-import-method=clone-or-copy', // no hard links: what is done to one install stays there
      `--store-dir=${cache}`,
      '--modules-dir=node_modules',
      '--virtual-store-dir=node_modules/.pnpm',
      '--reporter=append-only',
    ],
    env: {
      npm_config_manage_package_manager_versions: 'false',
      npm_config_update_notifier: 'false',
      ...(ownRegistry ? {} : { npm_config_registry: registry.url, pnpm_config_registry: registry.url }),
    },
  }
}

function bun({ manager, cache, registry, ownRegistry }: Circumstances): Command {
  const [, minor = 0] = (manager.version ?? '').split('.').map(Number)
  return {
    args: [
      'install',
      '--frozen-lockfile',
      '--ignore-scripts',
      '--backend=copyfile',
      '--no-progress',
      ...(minor >= 3 ? ['--linker=hoisted'] : []),
    ],
    env: {
      BUN_INSTALL_CACHE_DIR: cache,
      DO_NOT_TRACK: '1',
      ...(ownRegistry ? {} : { BUN_CONFIG_REGISTRY: registry.url, npm_config_registry: registry.url }),
    },
  }
}

const outdated =
  /Your lockfile needs to be updated|YN0028|ERR_PNPM_(?:FROZEN_LOCKFILE_WITH_)?OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE_CONFIG_MISMATCH|lockfile had changes, but lockfile is frozen|can only install packages when your package.json/

/** Whether the lockfile is not the one of the package.json files beside it. */
export function isOutdated(output: string): boolean {
  return outdated.test(output)
}

const unreachable =
  /\b(?:EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ESOCKETTIMEDOUT|ECONNREFUSED|ECONNRESET|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|FETCH_ERROR|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|ERR_PNPM_META_FETCH_FAIL)\b|npm (?:error|ERR!) code (?:E5\d\d|E429)\b|ERR_PNPM_FETCH_(?:5\d\d|429)\b|Response Code: (?:5\d\d|429)\b|\btrouble with your network connection/

/** Whether the registry is what was wrong. */
export function isUnreachable(output: string): boolean {
  return unreachable.test(output)
}

// Packages without a scope come from the default registry of whoever wrote the lockfile: their addresses show which it was.
const ofDefaultRegistry = /^\s+resolved "(https?:\/\/[^"\s@]+?\/)[^@/"\s]+\/-\/[^/"\s]+"/m

/** Yarn 1 notes full addresses: those of the default registry are made to lead to the one in use. Digests go on to hold. */
export function toRegistry(yarnLock: string, registry: string): string {
  const [, written] = ofDefaultRegistry.exec(yarnLock) ?? []
  if (written === undefined) return yarnLock
  return yarnLock.replaceAll(`resolved "${written}`, `resolved "${registry.replace(/\/*$/, '/')}`)
}
