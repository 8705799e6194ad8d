// The project's own postinstall scripts: what "npm ci" would run after the install, and so part of installing any project as
// it is (generated clients, patches). They are the project's code, like a prebuild command, which stands in their place where
// there is one; scripts of dependencies are another matter (installing/install-scripts.ts).
import { z } from 'zod'
import type { Failed } from '../failure.ts'
import { join, readText } from '../project-files.ts'
import type { Order } from '../store.ts'
import type { Tools } from '../tools.ts'
import type { Project } from './detect.ts'
import { type OwnCommand, runOwnCommand } from './generate.ts'

const PackageFile = z.object({ scripts: z.object({ postinstall: z.string().min(1) }) })

/** Of the package the lockfile belongs to, and of the one with the functions. */
export async function findPostinstalls(
  order: Order & { source: string; project: Project },
): Promise<OwnCommand[]> {
  const { root, lockfile } = order.project
  if (lockfile === null) return []
  const commands: OwnCommand[] = []
  for (const folder of new Set([lockfile.folder, root])) {
    const file = join(folder, 'package.json')
    const command = postinstallOf((await readText(order.source, file)) ?? '')
    if (command === null) continue
    const what = `The postinstall script of ${file}, "${command}",`
    commands.push({ command, folder, network: true, what, code: 'postinstall_failed', file })
  }
  return commands
}

function postinstallOf(text: string): string | null {
  try {
    return PackageFile.parse(JSON.parse(text)).scripts.postinstall
  } catch {
    return null // it has none
  }
}

/** Null: all went well. */
export async function runPostinstalls(
  commands: OwnCommand[],
  source: string,
  tools: Tools,
): Promise<Failed | null> {
  for (const command of commands) {
    tools.say(
      `postinstall of ${command.file} (with "prebuild" in .github/sluice.yml that is run in its place):`,
    )
    const ran = await runOwnCommand(command, source, tools)
    if ('failure' in ran) return ran
  }
  return null
}
