// Step 3: the dependencies, as the lockfile has them: from the cache, or by the project's package manager into the cache.
// Scripts of dependencies are run only where the environment's policy allows it (RELIABILITY.md S35): they are code of
// strangers with the network at hand. The project's own postinstall is run, unless a prebuild command stands in its place.
import path from 'node:path'
import { AppError } from '../../errors.ts'
import type { Failed } from '../failure.ts'
import { addInstall, findInstall, type Install } from '../installing/install-cache.ts'
import { evictInstalls } from '../installing/install-eviction.ts'
import { type Inputs, readInputs } from '../installing/install-inputs.ts'
import { installKey } from '../installing/install-plan.ts'
import { runInstall } from '../installing/install-run.ts'
import { runInstallScripts } from '../installing/install-scripts.ts'
import { isMusl, type Program, provideManager } from '../installing/package-manager-provide.ts'
import { copyInstall, linkInstall } from '../installing/place-install.ts'
import { takeKept } from '../installing/take-kept.ts'
import { type Found, unlessDamaged, watchDamage } from '../installing/unless-damaged.ts'
import { cleanEnvironment } from '../processes/machine.ts'
import { runCommand } from '../processes/run-command.ts'
import { join } from '../project-files.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'
import { findPostinstalls, runPostinstalls } from './postinstall.ts'

export interface Installed {
  /** Null: there was nothing to install. */
  install: (Install & { cached: boolean; found: Found | null }) | null
}

export async function installDependencies(
  order: Order & { source: string; project: Project },
  tools: Tools,
): Promise<Installed | Failed> {
  const { source } = order
  const { lockfile } = order.project
  if (lockfile === null) {
    tools.say('No dependencies to install')
    return { install: null }
  }
  const inputs = await readInputs(source, lockfile, usableVariables(tools))
  if ('failure' in inputs) return inputs
  for (const said of inputs.missing) tools.say(said)
  const program = await provideManager(lockfile.manager, tools)
  if ('failure' in program) return program
  const key = installKey({
    manager: `${lockfile.manager.name} ${program.version}`,
    node: process.version,
    platform: `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`,
    domain: domainOf(order),
    scripts: order.build.installScripts,
    files: inputs.files,
  })
  const { install, cached, looked } = await tools.installTurns.take(
    {
      key,
      by: `${order.environment.name} (${order.sha.slice(0, 7)})`,
      signal: tools.signal,
      waits: by => tools.say(`Waits for the build of ${by}, which installs the same dependencies`),
    },
    () => takeOrMake(key, order, { ...lockfile, inputs, program }, tools),
  )
  if ('failure' in install) return install
  const found = cached && !looked ? watchDamage(install, tools.signal) : null
  const commands = order.build.prebuild === null ? await findPostinstalls(order) : []
  // Commands of the project may write into node_modules, and the cache belongs to other builds too.
  if (order.build.prebuild === null && commands.length === 0) await linkInstall(install, source)
  else await copyInstall(install, source, (from, to) => copyFolder(from, to, tools))
  const problem = await runPostinstalls(commands, source, tools)
  if (problem) return unlessDamaged(Promise.resolve(problem), found, tools.signal)
  return { install: { ...install, cached, found } }
}

type What = NonNullable<Project['lockfile']> & { inputs: Inputs; program: Program }

/** `looked`: all of it was read just now. */
async function takeOrMake(
  key: string,
  order: Order & { source: string },
  what: What,
  tools: Tools,
): Promise<{ install: Install | Failed; cached: boolean; looked: boolean }> {
  const { installs } = tools.folders
  const name = key.slice(0, 12)
  const found = await findInstall(installs, key)
  if (found === 'damaged') tools.say(`The cached dependencies (${name}) are damaged: installed anew`)
  else if (found) {
    tools.say(`Dependencies are unchanged: taken from the cache (${name})`)
    return { install: found, cached: true, looked: false }
  }
  let cached = false
  const fillTree = async (tree: string) => {
    cached = await takeKept(key, tree, tools)
    if (!cached) return fill(tree, order, what, tools)
    tools.say(`Dependencies taken from the artifact store (${name})`)
    return { folders: what.inputs.packages.map(one => join(one, 'node_modules')) }
  }
  const install = await addInstall(installs, key, fillTree, tools.signal)
  if (!('failure' in install)) await evictInstalls(installs, new Date())
  return { install, cached, looked: true }
}

/** What the lockfile says, and then the scripts that are allowed. */
async function fill(
  tree: string,
  order: Order & { source: string },
  { inputs, program, ...lockfile }: What,
  tools: Tools,
): Promise<{ folders: string[] } | Failed> {
  const { source, build } = order
  const domain = domainOf(order)
  const installed = await runInstall(tree, source, { ...lockfile, domain }, inputs, program, tools)
  if ('failure' in installed) return installed
  const settings = inputs.copied.filter(({ content }) => content !== null)
  const hidden = settings.map(({ path: file }) => path.join(tree, file))
  const problem = await runInstallScripts(tree, installed.folders, hidden, build.installScripts, tools)
  return problem ?? installed
}

/** Settings of the project may name these: never what the machine itself says to a command of that name. */
function usableVariables({ machine, variables, workspace }: Tools): Set<string> {
  const ours = { ...machine.network, ...machine.registry, ...cleanEnvironment(machine, workspace) }
  return new Set(Object.keys(variables).filter(name => !Object.hasOwn(ours, name)))
}

/**
 * A pull request's author may not be trusted by the branches: what their build leaves in a cache stays with previews. A
 * stranger is trusted by nobody: theirs stays with that one preview.
 */
export function domainOf({
  repository,
  environment: { id, pullNumber, trusted },
}: Pick<Order, 'repository' | 'environment'>): string {
  if (!trusted) return `${repository.id} untrusted ${id}`
  return `${repository.id} ${pullNumber === null ? 'branches' : 'previews'}`
}

async function copyFolder(from: string, to: string, tools: Tools): Promise<void> {
  const step = {
    file: 'cp',
    args: ['-a', from, to],
    cwd: tools.workspace.source,
    reads: [tools.folders.installs],
    writes: [tools.workspace.source],
    onLine: tools.say,
  }
  const ended = await runCommand(step, tools)
  if (ended.kind !== 'exited' || ended.code !== 0)
    throw new AppError('unavailable', `The cached dependencies could not be copied to ${to}`)
}
