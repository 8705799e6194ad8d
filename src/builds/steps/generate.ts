// Step 4, only with a prebuild command in the repository file: code that has to be generated before the bundles are made.
import path from 'node:path'
import { annotate, type Failed, failed } from '../failure.ts'
import { limitFailure } from '../over-limit.ts'
import { foldersUp } from '../project-files.ts'
import { runCommand, type Step } from '../run-command.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'

const shownLines = 20

export async function runPrebuild(
  order: Order & { source: string; project: Project },
  prebuild: string,
  tools: Tools,
): Promise<object | Failed> {
  const { source, project } = order
  const bins = foldersUp(project.root).map(folder => path.join(source, folder, 'node_modules/.bin'))
  const output: string[] = []
  tools.say(`$ ${prebuild}`)
  const step: Step = {
    file: '/bin/sh',
    args: ['-c', prebuild],
    cwd: path.join(source, project.root),
    variables: tools.variables,
    env: { PATH: [...bins, tools.machine.searchPath].join(path.delimiter) },
    writes: [source],
    ...(order.build.prebuildNetwork ? { network: 'open' } : {}),
    onLine(line) {
      tools.say(line)
      output.push(line)
      if (output.length > shownLines) output.shift()
    },
  }
  const ended = await runCommand(step, tools)
  if (ended.kind === 'exited' && ended.code === 0) return {}
  const over = limitFailure(`The prebuild command "${prebuild}"`, ended, output.join('\n'), tools.limits)
  if (over) return over
  const how = ended.kind === 'exited' ? `ended with code ${ended.code}` : 'was killed'
  const message = `The prebuild command "${prebuild}" ${how}:\n${output.join('\n').trim()}`
  return failed('prebuild_failed', message, [annotate('.github/sluice.yml', 1, message)])
}
