// Runs the package manager in a tree that holds nothing of the project but what an install depends on, and says what its
// ending means: dependencies, a failure of the author's to solve, or a registry that could not be reached.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../errors.ts'
import { type Failed, failed } from '../failure.ts'
import { type Machine, requireNpm } from '../processes/machine.ts'
import { limitFailure } from '../processes/over-limit.ts'
import { runCommand, type Step } from '../processes/run-command.ts'
import { join } from '../project-files.ts'
import type { Tools } from '../tools.ts'
import { noteDownloads, takeDownloads } from './downloads.ts'
import { commandOf, isOutdated, isUnreachable, type Registry, toRegistry } from './install-command.ts'
import type { Inputs } from './install-inputs.ts'
import { isClassic, type Manager } from './package-manager.ts'
import type { Program } from './package-manager-provide.ts'

const shownLines = 20

export async function runInstall(
  tree: string,
  source: string,
  lockfile: { folder: string; name: string; manager: Manager; domain: string },
  inputs: Inputs,
  program: Program,
  tools: Tools,
): Promise<{ folders: string[] } | Failed> {
  const { manager } = lockfile
  await fillTree(tree, source, inputs)
  const registry = await readRegistry(manager, tools)
  const lock = path.join(tree, lockfile.folder, lockfile.name)
  if (isClassic(manager) && !inputs.ownRegistry)
    await writeFile(lock, toRegistry(await readFile(lock, 'utf8'), registry.url))
  const downloads = await takeDownloads(tools.folders.downloads, lockfile.domain, new Date())
  const cache = path.join(downloads, manager.name)
  const { ownRegistry, workspace } = inputs
  const command = commandOf({ manager, registry, ownRegistry, workspace, cache })
  tools.say(`${nameOf(command.args, manager)} (${manager.name} ${program.version})`)
  const output: string[] = []
  const seen = { outdated: false, usage: false }
  const step: Step = {
    file: program.file,
    args: [...program.args, ...command.args],
    cwd: path.join(tree, lockfile.folder),
    reads: program.folder === null ? [] : [program.folder],
    writes: [tree],
    caches: [cache],
    network: 'registry',
    variables: tools.variables,
    env: {
      ...certificates(registry),
      ...settingsFor(manager, tools.machine, ownRegistry),
      ...command.env,
    },
    onLine(line) {
      seen.usage ||= beginOfUsage.test(line)
      if (seen.usage || noise.test(line)) return
      seen.outdated ||= isOutdated(line) // what follows may be long
      const text = manager.name === 'npm' ? line : withoutHost(line, registry)
      tools.say(text)
      output.push(text)
      if (output.length > shownLines) output.shift()
    },
  }
  const ended = await runCommand(step, tools)
  noteDownloads(downloads).catch(() => {}) // the next install notes it; none waits for it
  if (ended.kind === 'exited' && ended.code === 0)
    return { folders: inputs.packages.map(one => join(one, 'node_modules')) }
  const over = limitFailure(nameOf(command.args, manager), ended, output.join('\n'), tools.limits)
  if (over) return over
  const how = ended.kind === 'exited' ? `ended with code ${ended.code}` : 'was killed'
  const text = [...output, ...inputs.missing].join('\n').trim()
  if (seen.outdated) return outdated(join(lockfile.folder, lockfile.name), manager, text)
  return failureOf(nameOf(command.args, manager), how, text)
}

/** "npm ci", "pnpm install". */
function nameOf(args: string[], manager: Manager): string {
  return `${manager.name} ${args[0]}`
}

async function fillTree(tree: string, source: string, inputs: Inputs): Promise<void> {
  for (const folder of inputs.packages) await mkdir(path.join(tree, folder), { recursive: true })
  for (const { path: file, content } of inputs.copied) {
    const to = path.join(tree, file)
    await mkdir(path.dirname(to), { recursive: true })
    if (content === null) await copyFile(path.join(source, file), to)
    else await writeFile(to, content)
  }
}

function outdated(lockfile: string, { name, version }: Manager, text: string): Failed {
  return failed(
    'lockfile_outdated',
    `${lockfile} does not belong to the package.json files beside it. Run "${name} install" (${version ?? 'a current version'}) and commit the lockfile.\n${text}`,
  )
}

function failureOf(command: string, how: string, text: string): Failed {
  // The registry is the world's: the build is tried again.
  if (isUnreachable(text))
    throw new AppError('unavailable', `${command} could not reach its registry:\n${text}`)
  return failed('install_failed', `${command} ${how}:\n${text}`)
}

/** What our npm is set to counts for the others too: asked of npm, because it has many places for it. */
async function readRegistry(manager: Manager, tools: Tools): Promise<Registry> {
  if (manager.name === 'npm') return { url: '', certificates: null } // it reads its settings itself
  const npm = requireNpm(tools.machine)
  const lines: string[] = []
  const step: Step = {
    file: npm.file,
    args: [...npm.args, 'config', 'get', 'registry', 'cafile'],
    cwd: tools.workspace.temporary,
    env: tools.machine.registry,
    network: 'registry',
    onLine: line => lines.push(line),
  }
  await runCommand(step, tools)
  const settings = new Map(lines.map(line => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]))
  const file = settings.get('cafile') ?? ''
  const url = settings.get('registry')
  if (!url)
    throw new AppError(
      'unavailable',
      `npm did not say which registry it uses: ${lines.join(' ').slice(0, 300)}`,
    )
  return { url, certificates: path.isAbsolute(file) ? file : null }
}

function certificates({ certificates: file }: Registry): Record<string, string> {
  return file === null ? {} : { NODE_EXTRA_CA_CERTS: file }
}

/** pnpm reads npm's files, with the operator's access to registries; of the others only npm does. */
function settingsFor(manager: Manager, machine: Machine, ownRegistry: boolean): Record<string, string> {
  if (manager.name !== 'npm' && manager.name !== 'pnpm') return {}
  // A variable of the environment would count for more than the project's own file.
  const { npm_config_registry: _, ...others } = machine.registry
  return ownRegistry ? others : machine.registry
}

/** The operator's registry is nothing for the log of a stranger's project. */
function withoutHost(line: string, { url }: Registry): string {
  if (url === '') return line
  const host = URL.canParse(url) ? new URL(url).host : url
  return line.replaceAll(host, 'registry')
}

// About the operator's settings, not about the project.
const noise = /^npm (?:error|warn) (?:Log files were not written|Unknown (?:user|global|builtin|env) config)/

// npm explains "npm ci" after what is wrong with the lockfile, longer than what is shown of the output.
const beginOfUsage = /^npm (?:error|ERR!) Clean install a project/
