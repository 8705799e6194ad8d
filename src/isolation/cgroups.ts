// Limits of whole trees of processes, through the kernel's control groups, version 2 or 1, where we may write there. Found by
// trying. A group ends with everything in it, also what changed its session or its parents.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from '../is-running.ts'

export interface TreeLimits {
  memoryBytes: number
  processes: number
  /**
   * Of the processor, where others want it too: what the tree gets as a whole, however many processes it starts, as a part of
   * what we get ourselves.
   */
  share: number
}

export interface Group {
  /** Files that take the id of a process to be in it. */
  join: readonly string[]
  /** How often its memory ran out and the kernel ended a process. */
  outOfMemory(): Promise<number>
  /** Ends what is in it. */
  remove(): Promise<void>
}

export interface Cgroups {
  /** The name begins with our process's number. */
  create(name: string, limits: TreeLimits): Group
  /** Removes what those of us left that were killed: a name begins with the number of the process that gave it. */
  removeAbandoned(): Promise<void>
}

/** A folder under which groups are made, and what its version calls things. */
interface Place {
  folder: string
  settings(limits: TreeLimits): [file: string, value: string][]
  /** Has a line "oom_kill N". */
  events: string | null
}

const prefix = 'sluice-'

export function findCgroups(mounts = '/sys/fs/cgroup', membership = '/proc/self/cgroup'): Cgroups | null {
  const own = readMembership(membership)
  const places = findUnified(mounts, own.get('')) ?? findSeparate(mounts, own)
  return places.length === 0 ? null : createCgroups(places)
}

function createCgroups(places: Place[]): Cgroups {
  return {
    create(name, limits) {
      const groups = places.map(place => ({ place, folder: path.join(place.folder, prefix + name) }))
      for (const { place, folder } of groups) {
        mkdirSync(folder, { recursive: true })
        for (const [file, value] of place.settings(limits)) writeFileSync(path.join(folder, file), value)
      }
      return groupOf(groups)
    },
    async removeAbandoned() {
      for (const { folder } of places)
        for (const name of await readdir(folder))
          if (isAbandoned(name)) await removeGroup(path.join(folder, name))
    },
  }
}

function isAbandoned(name: string): boolean {
  const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
  return !Number.isNaN(owner) && !isRunning(owner)
}

function groupOf(groups: { place: Place; folder: string }[]): Group {
  return {
    join: groups.map(({ folder }) => path.join(folder, 'cgroup.procs')),
    async outOfMemory() {
      const counts = groups.map(({ place, folder }) =>
        place.events === null ? 0 : readCount(path.join(folder, place.events)),
      )
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    },
    async remove() {
      for (const { folder } of groups) await removeGroup(folder)
    },
  }
}

async function readCount(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}

const removeTries = 100
const removeWaitMs = 10

/** A process that was killed stays a member until the kernel is done with it. */
async function removeGroup(folder: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await rmdir(folder)
      return
    } catch (error) {
      if (!existsSync(folder)) return
      if (tries === removeTries) throw error
      await killMembers(folder)
      await sleep(removeWaitMs)
    }
  }
}

async function killMembers(folder: string): Promise<void> {
  if (existsSync(path.join(folder, 'cgroup.kill'))) return writeFile(path.join(folder, 'cgroup.kill'), '1')
  const members = await readFile(path.join(folder, 'cgroup.procs'), 'utf8')
  for (const pid of members.split('\n').filter(line => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // it is gone
    }
  }
}

/** Version 2: one tree. With systemd's Delegate and DelegateSubgroup the folder above ours is ours to divide. */
function findUnified(mounts: string, own: string | undefined): Place[] | null {
  if (own === undefined || !existsSync(path.join(mounts, 'cgroup.controllers'))) return null
  for (const folder of new Set([path.join(mounts, path.dirname(own)), path.join(mounts, own)])) {
    if (!divides(folder, '+memory +pids')) continue
    const weighs = divides(folder, '+cpu')
    const place: Place = {
      folder,
      events: 'memory.events',
      settings: ({ memoryBytes, processes, share }) => [
        ['memory.max', String(memoryBytes)],
        ['pids.max', String(processes)],
        ...(weighs ? [['cpu.weight', String(100 * share)] as [string, string]] : []),
      ],
    }
    if (works(place)) return [place]
  }
  return []
}

/** False where the folder is not ours to divide, or was not given this kind of limit. */
function divides(folder: string, kinds: string): boolean {
  try {
    writeFileSync(path.join(folder, 'cgroup.subtree_control'), kinds)
    return true
  } catch {
    return false
  }
}

/** Version 1: a tree for each kind of limit. */
function findSeparate(mounts: string, own: Map<string, string>): Place[] {
  const memory: Place = {
    folder: path.join(mounts, 'memory', own.get('memory') ?? ''),
    events: 'memory.oom_control',
    settings: ({ memoryBytes }) => [['memory.limit_in_bytes', String(memoryBytes)]],
  }
  const processes: Place = {
    folder: path.join(mounts, 'pids', own.get('pids') ?? ''),
    events: null,
    settings: ({ processes }) => [['pids.max', String(processes)]],
  }
  const processor: Place = {
    folder: path.join(mounts, 'cpu', own.get('cpu') ?? ''),
    events: null,
    settings: ({ share }) => [['cpu.shares', String(1_024 * share)]],
  }
  return [memory, processes, processor].filter(works)
}

function works(place: Place): boolean {
  const folder = path.join(place.folder, `${prefix}try-${process.pid}`)
  try {
    if (!existsSync(place.folder)) return false
    mkdirSync(folder)
    for (const [file, value] of place.settings({ memoryBytes: 2 ** 30, processes: 100, share: 1 })) {
      // In a folder that is no cgroup, any file can be written.
      if (!existsSync(path.join(folder, file))) return false
      writeFileSync(path.join(folder, file), value)
    }
    return true
  } catch {
    return false
  } finally {
    try {
      rmdirSync(folder)
    } catch {
      // it was not made
    }
  }
}

/** Our own group for each kind of limit; version 2 has no kind. */
function readMembership(file: string): Map<string, string> {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    const parts = lines.map(line => /^\d+:([^:]*):(.*)$/.exec(line))
    return new Map(
      parts.flatMap(part => (part?.[1] ?? '').split(',').map(kind => [kind, part?.[2] ?? ''] as const)),
    )
  } catch {
    return new Map() // no Linux
  }
}
