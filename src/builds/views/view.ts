// What every report shows of a build (check, deployment, comment, Slack), as one value, and the few sentences they share.
// Pure: view-store.ts loads it. The texts are plain; each sink escapes them in its own way.

import type { RepositoryFile } from '../../environments/repository-file.ts'
import type { Changes } from '../../functions/diff.ts'
import type { BuiltBy } from '../channel.ts'
import type { Failure } from '../failure.ts'
import type { BuildState, Stage } from '../states.ts'

export interface BuildView {
  id: string
  number: number
  sha: string
  ref: string
  message: string
  author: string
  state: BuildState
  failure: Failure | null
  /** Names of what discovery found; null: it did not come that far. */
  functions: string[] | null
  startedAt: Date | null
  finishedAt: Date | null
  /** When it entered each stage, in order. */
  stages: { stage: Stage; at: Date }[]
  /** Whether its dependencies came from the cache; null: it had none, or did not come that far. */
  installCached: boolean | null
  builder: BuiltBy | null
  /** Of one that was not built: the build whose result stands. */
  sameAs: { number: number; sha: string; scope: string[] | null; changes: Changes | null } | null
  environment: {
    id: string
    name: string
    branch: string
    preview: boolean
    production: boolean
    pullNumber: number | null
    closed: boolean
    /** Where no person closed it. */
    closedBecause: 'pull_closed' | 'expired' | 'evicted' | null
    /** Of a preview too many: when it goes, unless something is pushed. */
    evictAt: Date | null
  }
  repository: {
    id: number
    installationId: number
    owner: string
    name: string
    file: RepositoryFile
    /** Whether the App still may work on it: neither removed, nor its installation suspended or deleted. */
    reachable: boolean
  }
  /** The switch that first made this build live, with what the commit changed; null: it never was. */
  release: { kind: 'deploy' | 'rollback' | 'resume' | 'promote'; actor: string; changes: Changes } | null
  live: boolean
  /** What is live in the environment now, this build or another. */
  liveBuild: { number: number; sha: string } | null
  /** The commit of the environment's newest build, when that is not this one. */
  newerSha: string | null
  overlays: OverlayView[]
  /** Whether an earlier build was live in the environment: there is something to go back to. */
  hasEarlier: boolean
  /** The newest button on its check, where that was not obeyed. */
  refused: { line: string; actor: string; reply: string } | null
  /** Executions that wait for an archived function to come back. */
  held: { name: string; count: number }[]
  /** How the last finished build before this one ended. */
  previous: 'succeeded' | 'failed' | null
  /** The last lines of its log, once it is finished. */
  log: LoggedLine[]
}

export interface LoggedLine {
  stage: Stage
  at: Date
  line: string
}

export interface OverlayView {
  kind: 'pause' | 'pin'
  /** Null: the whole environment. */
  functionName: string | null
  reason: string | null
  actor: string
  until: Date | null
}

export type Fate =
  | 'queued'
  | 'building'
  | 'live'
  /** Built, and held back: by a pin, by a newer build that is live, by the end of its environment. */
  | 'pinned'
  | 'older'
  | 'closed'
  /** Was live; another build is now. */
  | 'replaced'
  | 'failed'
  | 'cancelled'
  | 'superseded'
  /** Not built: nothing it would have been made of had changed. */
  | 'unchanged'

export function fateOf(view: BuildView): Fate {
  switch (view.state) {
    case 'queued':
    case 'failed':
    case 'cancelled':
    case 'superseded':
      return view.state
    case 'unchanged':
      return view.environment.closed ? 'closed' : 'unchanged'
    case 'succeeded':
      return fateOfSucceeded(view)
    default:
      return 'building'
  }
}

function fateOfSucceeded({ environment, live, release, liveBuild, number }: BuildView): Fate {
  if (environment.closed) return 'closed'
  if (live) return 'live'
  if (release) return 'replaced'
  return liveBuild && liveBuild.number > number ? 'older' : 'pinned'
}

const stages: Partial<Record<BuildState, string>> = {
  fetching: 'Fetching the commit',
  installing: 'Installing dependencies',
  generating: 'Running the prebuild command',
  compiling: 'Compiling the functions',
  publishing: 'Publishing',
}

/** One line that says where the build stands. */
export function headline(view: BuildView): string {
  const name = view.environment.name
  switch (fateOf(view)) {
    case 'queued':
      return 'Queued'
    case 'building':
      return stages[view.state] ?? 'Building'
    case 'live':
      return view.release ? `Live in ${name}: ${countChanges(view.release.changes)}` : `Live in ${name}`
    case 'pinned':
      return `Built, not live: ${name} is pinned to ${shortSha(view.liveBuild?.sha)}`
    case 'older':
      return `Built, not live: the newer ${shortSha(view.liveBuild?.sha)} is live in ${name}`
    case 'closed':
      return `${view.release || view.sameAs ? 'Was live;' : 'Not deployed:'} ${closedWords(view)}`
    case 'replaced':
      return `Was live; ${shortSha(view.liveBuild?.sha)} is live in ${name} now`
    case 'failed':
      return firstLine(view.failure?.message ?? '') || 'The build failed'
    case 'cancelled':
      return 'Cancelled'
    case 'unchanged':
      return view.sameAs ? `Unchanged, still build ${view.sameAs.number}` : 'Unchanged'
    case 'superseded':
      return view.newerSha ? `Superseded by ${shortSha(view.newerSha)}` : 'Superseded by a newer commit'
  }
}

/** 2 added, 1 archived, 3 unchanged */
export function countChanges(changes: Changes): string {
  const order = ['added', 'changed', 'restored', 'archived', 'unchanged'] as const
  const counted = order
    .filter(kind => changes[kind].length > 0)
    .map(kind => `${changes[kind].length} ${kind}`)
  return counted.length > 0 ? counted.join(', ') : 'no functions'
}

export function shortSha(sha: string | undefined): string {
  return sha ? sha.slice(0, 7) : 'another commit'
}

export function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '').replace(/^refs\/pull\/(\d+)\/head$/, 'pull request $1')
}

function closedWords({ environment: { name, closedBecause }, repository }: BuildView): string {
  const { ttlSeconds, limit } = repository.file.previews
  switch (closedBecause) {
    case 'expired':
      return `${name} was closed: no push for ${spanWords(ttlSeconds)}. The next one wakes it`
    case 'evicted':
      return `${name} was closed: more than ${limit} previews were open. A push wakes it`
    default:
      return `${name} is closed`
  }
}

function spanWords(seconds: number): string {
  const [count, unit] =
    seconds >= 172_800
      ? [seconds / 86_400, 'days']
      : seconds >= 7_200
        ? [seconds / 3_600, 'hours']
        : [seconds / 60, 'minutes']
  return `${Math.round(count)} ${unit}`
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
