// Step 4, only with a prebuild command in the repository file: code that has to be generated before the bundles are made.
import path from 'node:path'
import { annotate, type Failed, failed } from '../failure.ts'
import { cleanEnvironment } from '../machine.ts'
import { foldersUp } from '../project-files.ts'
import { runProcess } from '../run-process.ts'
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
  const environment = cleanEnvironment(tools.machine, tools.workspace)
  const output: string[] = []
  tools.say(`$ ${prebuild}`)
  const ended = await runProcess({
    leash: tools.machine.leash,
    file: '/bin/sh',
    args: ['-c', prebuild],
    cwd: path.join(source, project.root),
    env: { ...environment, ...tools.machine.network, PATH: [...bins, environment.PATH].join(path.delimiter) },
    signal: tools.signal,
    timeoutMs: tools.limits.buildMs,
    onLine(line) {
      tools.say(line)
      output.push(line)
      if (output.length > shownLines) output.shift()
    },
  })
  if (ended.kind === 'exited' && ended.code === 0) return {}
  const how = ended.kind === 'exited' ? `ended with code ${ended.code}` : 'was killed'
  const message = `The prebuild command "${prebuild}" ${how}:\n${output.join('\n').trim()}`
  return failed('prebuild_failed', message, [annotate('.github/sluice.yml', 1, message)])
}
