// The processes of one build as a whole: what they may use together, and that none is left when it ends.
import path from 'node:path'
import type { Group } from '../../isolation/cgroups.ts'
import { endMarked } from '../../isolation/marked.ts'
import type { Workspace } from '../folders.ts'
import type { Limits } from '../tools.ts'
import type { Machine } from './machine.ts'

// Threads count. A large build has some hundred; a bomb has as many as it gets.
const maxProcesses = 4_096
/** A build gets a quarter of the processor that we get, when all want it, and as much as any other build. */
const share = 1 / 4

/** Of one try: another of the same build, which may still be ending, is not to end with it. */
export function groupProcesses(
  { isolation }: Machine,
  workspace: Workspace,
  { memoryBytes }: Limits,
): Group | null {
  const name = `${process.pid}-${path.basename(workspace.root)}`
  return isolation.cgroups?.create(name, { memoryBytes, processes: maxProcesses, share }) ?? null
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
