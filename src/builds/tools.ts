// What every step of the pipeline works with, besides the value it is given.
import type { Archives } from './archive/archive-cache.ts'
import { type Limits as ArchiveLimits, defaultLimits as archiveLimits } from './archive/entries.ts'
import type { Folders, Workspace } from './folders.ts'
import type { Machine } from './machine.ts'
import type { ArtifactStore, Source } from './ports.ts'

export interface Limits {
  /** Of the whole build; Defer's limit. */
  buildMs: number
  /** Of loading one function's bundle. */
  loadMs: number
  /** Of all files of a commit, and of the archives they come in. */
  archive: ArchiveLimits & { packedBytes: number }
}

export const defaultLimits: Limits = {
  buildMs: 30 * 60_000,
  loadMs: 30_000,
  archive: { ...archiveLimits, packedBytes: 256_000_000 },
}

export interface Tools {
  source: Source
  archives: Archives
  artifacts: ArtifactStore
  machine: Machine
  folders: Folders
  workspace: Workspace
  limits: Limits
  /** Aborted when the build is to end: its children are killed, and what it waits for throws the reason. */
  signal: AbortSignal
  /** A line, or several, of the build's log. */
  say(text: string): void
}
