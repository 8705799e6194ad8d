// Step 3: the dependencies, as the lockfile has them: from the cache, or by npm ci into the cache. Scripts of dependencies
// are not run (RELIABILITY.md S35): they are code of strangers with the network at hand. A policy for it belongs to the
// environment, when there is one.
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '../../errors.ts'
import { type Failed, failed } from '../failure.ts'
import { addInstall, findInstall, type Install } from '../install-cache.ts'
import { type Inputs, readInputs } from '../install-inputs.ts'
import { installKey } from '../install-plan.ts'
import { cleanEnvironment, requireNpm } from '../machine.ts'
import { copyInstall, linkInstall } from '../place-install.ts'
import { join } from '../project-files.ts'
import { runProcess } from '../run-process.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'

export interface Installed {
  /** Null: there was nothing to install. */
  install: (Install & { cached: boolean }) | null
}

const shownLines = 20

export async function installDependencies(
  order: Order & { source: string; project: Project },
  tools: Tools,
): Promise<Installed | Failed> {
  const { source, project } = order
  if (project.lockfile === null) {
    tools.say('No dependencies to install')
    return { install: null }
  }
  const inputs = await readInputs(source, project.lockfile)
  if ('failure' in inputs) return inputs
  const npm = requireNpm(tools.machine)
  const key = installKey({
    manager: `npm ${npm.version}`,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    domain: domainOf(order),
    files: inputs.files,
  })
  const found = await findInstall(tools.folders.installs, key)
  if (found) tools.say(`Dependencies are unchanged: taken from the cache (${key.slice(0, 12)})`)
  const install =
    found ??
    (await addInstall(tools.folders.installs, key, tree =>
      npmCi(tree, project.lockfile?.folder ?? '.', source, inputs, tools),
    ))
  if ('failure' in install) return install
  // A prebuild command may write into node_modules, and the cache belongs to other builds too.
  if (order.prebuild === null) await linkInstall(install, source)
  else await copyInstall(install, source, (from, to) => copyFolder(from, to, tools))
  return { install: { ...install, cached: found !== null } }
}

/** A pull request's author may not be trusted by the branches: what their build leaves in a cache stays with previews. */
function domainOf(order: Order): string {
  return `${order.repository.id} ${order.environment.pullNumber === null ? 'branches' : 'previews'}`
}

async function npmCi(
  tree: string,
  folder: string,
  source: string,
  inputs: Inputs,
  tools: Tools,
): Promise<{ folders: string[] } | Failed> {
  for (const file of inputs.copied) {
    await mkdir(path.dirname(path.join(tree, file)), { recursive: true })
    await copyFile(path.join(source, file), path.join(tree, file))
  }
  const npm = requireNpm(tools.machine)
  const output: string[] = []
  tools.say(`npm ci (npm ${npm.version})`)
  const ended = await runProcess({
    leash: tools.machine.leash,
    file: npm.file,
    // On the command line, where the project's own .npmrc cannot change them: `git` there would name a program to run.
    args: [
      ...npm.args,
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--logs-max=0',
      '--git=git',
      `--cache=${tools.folders.npmCache}`,
    ],
    cwd: path.join(tree, folder),
    env: {
      ...cleanEnvironment(tools.machine, tools.workspace),
      ...tools.machine.network,
      ...tools.machine.registry,
      npm_config_update_notifier: 'false',
      npm_config_progress: 'false',
    },
    signal: tools.signal,
    timeoutMs: tools.limits.buildMs,
    onLine(line) {
      if (noise.test(line)) return
      tools.say(line)
      output.push(line)
      if (output.length > shownLines) output.shift()
    },
  })
  if (ended.kind === 'exited' && ended.code === 0)
    return { folders: [folder, ...inputs.packages].map(one => join(one, 'node_modules')) }
  const text = output.join('\n').trim()
  const how = ended.kind === 'exited' ? `ended with code ${ended.code}` : 'was killed'
  // The registry is the world's: the build is tried again.
  if (unreachable.test(text))
    throw new AppError('unavailable', `npm ci could not reach its registry:\n${text}`)
  return failed('install_failed', `npm ci ${how}:\n${text}`)
}

// About the operator's settings, not about the project.
const noise = /^npm (?:error|warn) (?:Log files were not written|Unknown (?:user|global|builtin|env) config)/

const unreachable =
  /npm (?:error|ERR!) code (?:EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|E5\d\d|E429|FETCH_ERROR)\b/

async function copyFolder(from: string, to: string, tools: Tools): Promise<void> {
  const ended = await runProcess({
    leash: tools.machine.leash,
    file: 'cp',
    args: ['-a', from, to],
    cwd: tools.workspace.root,
    env: cleanEnvironment(tools.machine, tools.workspace),
    signal: tools.signal,
    timeoutMs: tools.limits.buildMs,
    onLine: tools.say,
  })
  if (ended.kind !== 'exited' || ended.code !== 0)
    throw new AppError('unavailable', `The cached dependencies could not be copied to ${to}`)
}
