// Runs the install scripts that the environment's policy allows, after an install without any: in the same isolation, with
// the network and without the files that hold access to registries. They are run here and not by the package manager, so that
// all managers keep to one policy and the one that failed has a name.
import path from 'node:path'
import type { BuildSettings } from '../../environments/repository-file.ts'
import { type Failed, failed } from '../failure.ts'
import type { Machine } from '../processes/machine.ts'
import { limitFailure } from '../processes/over-limit.ts'
import { runCommand, type Step } from '../processes/run-command.ts'
import { findStray } from '../processes/stray-files.ts'
import type { Tools } from '../tools.ts'
import { findScripted, type ScriptedPackage } from './scripted-packages.ts'

type Policy = BuildSettings['installScripts']

const shownLines = 20
const shownNames = 20

/** `hidden`: files of the tree that scripts are not to read. Null: all went well. */
export async function runInstallScripts(
  tree: string,
  folders: string[],
  hidden: string[],
  policy: Policy,
  tools: Tools,
): Promise<Failed | null> {
  const { packages, names } = await findScripted(tree, folders)
  const allowed = packages.filter(({ name }) => isAllowed(name, policy))
  sayWhatIsLeft(packages, allowed, names, policy, tools.say)
  if (allowed.length > 0 && tools.machine.isolation.bubblewrap === null)
    tools.say('Install scripts run without a sandbox on this builder: they can read what it can read')
  for (const one of allowed) {
    const problem = await runScriptsOf(one, tree, hidden, tools)
    if (problem !== null) return problem
  }
  const stray = allowed.length === 0 ? null : await findStray(tree, [tree])
  if (stray === null) return null
  return failed('install_script_failed', `An install script left ${stray}. Do without the package's script.`)
}

function isAllowed(name: string, policy: Policy): boolean {
  return policy === true || (policy !== false && policy.includes(name))
}

function sayWhatIsLeft(
  packages: ScriptedPackage[],
  allowed: ScriptedPackage[],
  names: ReadonlySet<string>,
  policy: Policy,
  say: (text: string) => void,
): void {
  const skipped = [...new Set(packages.filter(one => !allowed.includes(one)).map(({ name }) => name))]
  if (skipped.length > 0) {
    const listed = skipped.slice(0, shownNames).join(', ')
    const more = skipped.length > shownNames ? ` and ${skipped.length - shownNames} more` : ''
    say(
      `Install scripts not run: ${listed}${more}. Where a package needs its script, name it in .github/sluice.yml: install_scripts: [${skipped[0]}]`,
    )
  }
  if (typeof policy === 'boolean') return
  for (const name of policy.filter(name => !names.has(name)))
    say(
      `warning: install_scripts in .github/sluice.yml names "${name}", which is not installed. Correct the name, or remove it.`,
    )
}

async function runScriptsOf(
  one: ScriptedPackage,
  tree: string,
  hidden: string[],
  tools: Tools,
): Promise<Failed | null> {
  for (const { event, command } of one.scripts) {
    const output: string[] = []
    tools.say(`$ ${command} (${event} of ${one.name} ${one.version})`)
    const step: Step = {
      file: '/bin/sh',
      args: ['-c', command],
      cwd: path.join(tree, one.folder),
      env: environmentOf(one, event, command, tree, tools.machine),
      writes: [tree],
      hidden,
      network: 'open',
      onLine(line) {
        tools.say(line)
        output.push(line)
        if (output.length > shownLines) output.shift()
      },
    }
    const ended = await runCommand(step, tools)
    if (ended.kind === 'exited' && ended.code === 0) continue
    const what = `The ${event} script of ${one.name} ${one.version}`
    const over = limitFailure(what, ended, output.join('\n'), tools.limits)
    if (over) return over
    const how = ended.kind === 'exited' ? `ended with code ${ended.code}` : 'was killed'
    if (!one.optional) return failed('install_script_failed', `${what} ${how}:\n${output.join('\n').trim()}`)
    tools.say(`warning: ${what} ${how}; the package is optional`)
    return null
  }
  return null
}

/** What npm gives scripts, as far as they use it. */
function environmentOf(
  one: ScriptedPackage,
  event: string,
  command: string,
  tree: string,
  { npm, searchPath }: Machine,
): Record<string, string> {
  const folder = path.join(tree, one.folder)
  const [script] = npm?.args ?? []
  const npmFolder = script === undefined ? null : path.resolve(script, '../..')
  const bins = foldersBetween(folder, tree).map(above => path.join(above, 'node_modules/.bin'))
  const gyp =
    npmFolder === null ? [] : [path.join(npmFolder, 'node_modules/@npmcli/run-script/lib/node-gyp-bin')]
  return {
    PATH: [...bins, ...gyp, searchPath].join(path.delimiter),
    INIT_CWD: tree,
    npm_lifecycle_event: event,
    npm_lifecycle_script: command,
    npm_package_json: path.join(folder, 'package.json'),
    npm_package_name: one.name,
    npm_package_version: one.version,
    npm_config_user_agent: `npm/${npm?.version ?? '0'} node/${process.version} ${process.platform} ${process.arch}`,
    npm_node_execpath: process.execPath,
    ...(script === undefined ? {} : { npm_execpath: script }),
    ...(npmFolder === null
      ? {}
      : { npm_config_node_gyp: path.join(npmFolder, 'node_modules/node-gyp/bin/node-gyp.js') }),
  }
}

/** `inner` and all above it up to `outer`. */
function foldersBetween(inner: string, outer: string): string[] {
  return inner === outer ? [outer] : [inner, ...foldersBetween(path.dirname(inner), outer)]
}
