// What every step of the pipeline works with, besides the value it is given.
import type { Folders, Workspace } from './folders.ts'
import type { Machine } from './machine.ts'
import type { ArtifactStore, Source } from './ports.ts'

export interface Limits {
  /** Of the whole build; Defer's limit. */
  buildMs: number
  /** Of loading one function's bundle. */
  loadMs: number
}

export const defaultLimits: Limits = { buildMs: 30 * 60_000, loadMs: 30_000 }

export interface Tools {
  source: Source
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
