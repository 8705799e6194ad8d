// Step 4, only with a prebuild command in the repository file: code that has to be generated before the bundles are made.
// The same way run commands of the project elsewhere (postinstall).
import path from 'node:path'
import { type Annotation, annotate, type Failed, failed } from '../failure.ts'
import type { FailureCode } from '../failure-codes.ts'
import { limitFailure } from '../processes/over-limit.ts'
import { runCommand, type Step } from '../processes/run-command.ts'
import { findStray } from '../processes/stray-files.ts'
import { foldersUp } from '../project-files.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'

const shownLines = 20

export function runPrebuild(
  order: Order & { source: string; project: Project },
  prebuild: string,
  tools: Tools,
): Promise<object | Failed> {
  const command = {
    command: prebuild,
    folder: order.project.root,
    network: order.build.prebuildNetwork,
    what: `The prebuild command "${prebuild}"`,
    code: 'prebuild_failed',
    file: '.github/sluice.yml',
  } as const
  return runOwnCommand(command, order.source, tools)
}

export interface OwnCommand {
  command: string
  /** Where it is run, relative to the repository. */
  folder: string
  network: boolean
  /** Begins the sentence that says how it failed. */
  what: string
  code: FailureCode
  /** Where it is written. */
  file: Annotation['path']
}

/** A command of the project itself, which may write into all of the repository. */
export async function runOwnCommand(
  { command, folder, network, what, code, file }: OwnCommand,
  source: string,
  tools: Tools,
): Promise<object | Failed> {
  const bins = foldersUp(folder).map(above => path.join(source, above, 'node_modules/.bin'))
  const output: string[] = []
  tools.say(`$ ${command}`)
  const step: Step = {
    file: '/bin/sh',
    args: ['-c', command],
    cwd: path.join(source, folder),
    variables: tools.variables,
    env: { PATH: [...bins, tools.machine.searchPath].join(path.delimiter) },
    writes: [source],
    ...(network ? { network: 'open' } : {}),
    onLine(line) {
      tools.say(line)
      output.push(line)
      if (output.length > shownLines) output.shift()
    },
  }
  const ended = await runCommand(step, tools)
  const failing = (message: string) => failed(code, message, [annotate(file, 1, message)])
  if (ended.kind === 'exited' && ended.code === 0) {
    const stray = await findStray(source, [tools.workspace.root])
    return stray === null ? {} : failing(`${what} left ${stray}. Let it copy what it needs.`)
  }
  const over = limitFailure(what, ended, output.join('\n'), tools.limits)
  if (over) return over
  const how = ended.kind === 'exited' ? `ended with code ${ended.code}` : 'was killed'
  return failing(`${what} ${how}:\n${output.join('\n').trim()}`)
}
