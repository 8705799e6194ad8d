// What every step of the pipeline works with, besides the value it is given.

import { totalmem } from 'node:os'
import type { Manifest } from '../functions/manifest.ts'
import type { Group } from '../isolation/cgroups.ts'
import type { Archives } from './archive/archive-cache.ts'
import { type Limits as ArchiveLimits, defaultLimits as archiveLimits } from './archive/entries.ts'
import type { Folders, Workspace } from './folders.ts'
import type { KeptInstalls } from './installing/kept-installs.ts'
import type { Turns } from './installing/turns.ts'
import type { ArtifactStore, Source } from './ports.ts'
import type { Machine } from './processes/machine.ts'

export interface Limits {
  /** Of the whole build; Defer's limit. */
  buildMs: number
  /** Of loading one function's bundle. */
  loadMs: number
  /** Of all files of a commit, and of the archives they come in. */
  archive: ArchiveLimits & { packedBytes: number }
  /** Of a process; with cgroups, of the whole build. */
  memoryBytes: number
  /** Of a process. */
  cpuSeconds: number
  /** Of a build's files together, caches apart. */
  diskBytes: number
  /** Of a command. */
  outputBytes: number
}

export const defaultLimits: Limits = {
  buildMs: 30 * 60_000,
  loadMs: 30_000,
  archive: { ...archiveLimits, packedBytes: 256_000_000 },
  memoryBytes: Math.min(4e9, totalmem() / 2),
  cpuSeconds: 20 * 60,
  diskBytes: 5e9,
  outputBytes: 100e6,
}

export interface Tools {
  source: Source
  archives: Archives
  installTurns: Turns
  artifacts: ArtifactStore
  /** Null: no other machine could use them. */
  keptInstalls: KeptInstalls | null
  machine: Machine
  folders: Folders
  workspace: Workspace
  limits: Limits
  /** Holds the build's processes; null where the machine has no cgroups for us. */
  group: Group | null
  /** Of the environment, for its builds: the install and the prebuild command get them, nothing else does. */
  variables: Record<string, string>
  /** What an earlier build of the environment found, by a builder as this one. */
  earlier: Manifest
  /** Aborted when the build is to end: its children are killed, and what it waits for throws the reason. */
  signal: AbortSignal
  /** A line, or several, of the build's log. */
  say(text: string): void
}
