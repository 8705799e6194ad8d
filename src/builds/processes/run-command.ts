// How every command of a build is run: enclosed as well as the machine can (isolation/), with the build's folders and nothing
// else of ours in sight, within the build's limits, in an environment of its own.
import { mkdir } from 'node:fs/promises'
import type { Walls } from '../../isolation/bubblewrap.ts'
import { harmless } from '../../isolation/harmless.ts'
import { enclose } from '../../isolation/isolation.ts'
import { limitOfSignal, type ProcessLimits } from '../../isolation/limits.ts'
import type { Limits, Tools } from '../tools.ts'
import { watchDisk } from './disk-use.ts'
import { cleanEnvironment } from './machine.ts'
import { type Ended, runProcess } from './run-process.ts'

export interface Step {
  file: string
  args: readonly string[]
  cwd: string
  /** Of the environment that is built: what else is set counts for more. */
  variables?: Record<string, string>
  /** Beside what every command finds in its environment. */
  env?: Record<string, string>
  /** What it may read beside the machine's programs and libraries, and its home and temporary folder. */
  reads?: readonly string[]
  writes?: readonly string[]
  /** What it may write that outlives the build: not counted as the build's use of the disk. */
  caches?: readonly string[]
  /** Files among these that it is not to read. */
  hidden?: readonly string[]
  /** 'registry': the network, and the operator's files that say how registries are reached. */
  network?: 'open' | 'registry'
  timeoutMs?: number
  onLine(line: string): void
  onMessage?(message: unknown): void
}

type Uses = Pick<Tools, 'machine' | 'workspace' | 'limits' | 'signal' | 'group'>

/** @throws as runProcess. */
export async function runCommand(step: Step, uses: Uses): Promise<Ended> {
  const { machine, workspace, limits, signal, group } = uses
  for (const cache of step.caches ?? []) await mkdir(cache, { recursive: true })
  const ended = await runProcess({
    ...enclose(machine.isolation, step, wallsOf(step, uses), processLimits(limits), group?.join ?? []),
    cwd: step.cwd,
    env: {
      ...harmless(step.variables ?? {}),
      ...cleanEnvironment(machine, workspace),
      ...(step.network ? machine.network : {}),
      ...step.env,
    },
    signal,
    timeoutMs: step.timeoutMs ?? limits.buildMs,
    outputBytes: limits.outputBytes,
    onLine: step.onLine,
    ...(step.onMessage ? { onMessage: step.onMessage } : {}),
    watch: over => watchDisk([workspace.root, ...(step.writes ?? [])], limits.diskBytes, over),
  })
  return withLimit(ended, async () => ((await group?.outOfMemory()) ?? 0) > 0)
}

function wallsOf(step: Step, { machine, workspace }: Uses): Walls {
  const { network, reads = [], writes = [], caches = [], hidden = [] } = step
  const registry = network === 'registry'
  return {
    reads: [
      ...machine.programs,
      ...(network ? machine.certificates : []),
      ...(registry ? machine.registryFiles : []),
      ...reads,
    ],
    writes: [workspace.home, workspace.temporary, ...writes, ...caches],
    hidden: [...(registry ? [] : machine.hidden), ...hidden],
    temporary: workspace.temporary,
    network: network !== undefined,
  }
}

/** Builds wait for functions and web, and are ended first when the machine runs out of memory. */
function processLimits({ memoryBytes, cpuSeconds, diskBytes }: Limits): ProcessLimits {
  return { memoryBytes, cpuSeconds, fileBytes: diskBytes, niceness: 10, oomScore: 1_000 }
}

/** An ending that was the kernel's for a limit says so. */
async function withLimit(ended: Ended, outOfMemory: () => Promise<boolean>): Promise<Ended> {
  if (ended.kind !== 'exited' && ended.kind !== 'killed') return ended
  if (ended.kind === 'exited' && ended.code === 0) return ended
  const limit = (await outOfMemory()) ? 'memory' : limitOfSignal(ended)
  return limit === null ? ended : { kind: 'over', limit }
}
