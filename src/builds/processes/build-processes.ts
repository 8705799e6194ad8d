// The processes of one build as a whole: what they may use together, and that none is left when it ends.

import { isRunning } from '../../is-running.ts'
import type { Group } from '../../isolation/cgroups.ts'
import { endMarked } from '../../isolation/marked.ts'
import type { Workspace } from '../folders.ts'
import type { Limits } from '../tools.ts'
import type { Machine } from './machine.ts'

// Threads count. A large build has some hundred; a bomb has as many as it gets.
const maxProcesses = 4_096

export function groupProcesses({ isolation }: Machine, buildId: string, limits: Limits): Group | null {
  const { memoryBytes } = limits
  return (
    isolation.cgroups?.create(`${process.pid}-${buildId}`, { memoryBytes, processes: maxProcesses }) ?? null
  )
}

/** A sandbox ends with its command. Without one, what changed its session is found by the folders in its environment. */
export async function endProcesses(
  machine: Machine,
  group: Group | null,
  workspace: Workspace,
): Promise<void> {
  if (machine.isolation.bubblewrap === null) await endMarked(workspace.root)
  await group?.remove()
}

/** Groups of builders on this machine that were killed. */
export async function removeAbandonedGroups({ isolation }: Machine): Promise<void> {
  await isolation.cgroups?.removeAbandoned(name => !isRunning(Number.parseInt(name, 10)))
}
