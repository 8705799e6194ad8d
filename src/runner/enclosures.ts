// Where a child lives: behind walls of its own (isolation/) where the machine can, else in a private folder, as a process of
// our user on a leash. Either way within limits, and in a control group where there are some, which ends with all that is in it.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { Group } from '../isolation/cgroups.ts'
import { enclose, type Isolation } from '../isolation/isolation.ts'
import type { ProcessLimits } from '../isolation/limits.ts'
import { type Homes, removeHome } from './homes.ts'

export interface Enclosure {
  /** What to start, and in which folder. */
  file: string
  args: readonly string[]
  cwd: string
  /** HOME, TMPDIR and working folder of what runs in it. */
  home: string
  /** An end by a signal is told by the exit code. */
  walled: boolean
  /** The limit of memory that all in it had together, when the kernel ended one of them for it. */
  passedMemoryMb(): Promise<number | null>
  /** Ends what is left in it; nobody waits for the kernel to be done with that. */
  remove(): void
}

export interface Enclosures {
  /** `reads`: all that is seen beside the machine's programs and libraries, and this Node. */
  make(args: readonly string[], reads: readonly string[]): Promise<Enclosure>
  /** When all that were removed are gone. */
  removed(): Promise<void>
}

export interface EnclosureOptions {
  isolation: Isolation
  homes: Homes
  heapMb: number
}

// Threads count: Node has a dozen.
const maxProcesses = 512
const temporaryBytes = 512 * 1024 * 1024
/** What a function may use beside its heap: buffers, /tmp, programs that it starts. */
export const besideHeapMb = 1_024
/** Of the processor, of what we get ourselves; a function as much as any other. */
const share = 1 / 2

export function createEnclosures({ isolation, homes, heapMb }: EnclosureOptions): Enclosures {
  const removing = new Set<Promise<void>>()
  const walled = isolation.bubblewrap !== null
  const memoryMb = heapMb + besideHeapMb
  const memoryBytes = memoryMb * 1024 * 1024
  // Ended after builds, and before us, when the machine runs out of memory.
  const limits: ProcessLimits = {
    memoryBytes,
    cpuSeconds: null,
    fileBytes: temporaryBytes,
    niceness: 0,
    oomScore: 500,
  }

  async function make(args: readonly string[], reads: readonly string[]): Promise<Enclosure> {
    const home = walled ? '/tmp' : await homes.make()
    const name = `${process.pid}-child-${randomUUID()}`
    const group = isolation.cgroups?.create(name, { memoryBytes, processes: maxProcesses, share }) ?? null
    const command = { file: process.execPath, args, cwd: home }
    const walls = {
      reads: [path.dirname(process.execPath), ...reads],
      writes: [],
      hidden: [],
      temporary: { bytes: temporaryBytes },
      network: true,
    }
    return {
      ...enclose(isolation, command, walls, limits, group?.join ?? []),
      cwd: walled ? '/' : home,
      home,
      walled,
      passedMemoryMb: async () => (((await group?.outOfMemory()) ?? 0) > 0 ? memoryMb : null),
      remove() {
        const done = clear(group, walled ? null : home).finally(() => removing.delete(done))
        removing.add(done)
      },
    }
  }

  return { make, removed: async () => void (await Promise.all(removing)) }
}

/** What the kernel does not let go of now is removed at a later start. */
async function clear(group: Group | null, home: string | null): Promise<void> {
  await group?.remove().catch(() => {})
  if (home !== null) await removeHome(home)
}
