// Which branches and pull requests moved without our knowing. Pure: where they stand now against what was built, and against
// where they stood when we last looked. A commit that was built since then is known, whatever was deployed over it by hand. What we
// never saw before counts only if it is newer than our knowledge of the repository (`ask`: only its commit can tell): a new
// installation must not build every old branch.
import type { RepositoryFile } from '../../environments/repository-file.ts'
import { type Landing, resolveEnvironments } from '../../environments/resolve.ts'

export interface KnownEnvironment {
  id: string
  name: string
  branch: string
  pullNumber: number | null
  open: boolean
  /** Closed because its pull request was: one that is open again wants it back. */
  closedWithPull: boolean
  newestSha: string | null
}

export interface Known {
  file: RepositoryFile
  defaultBranch: string
  /** Since when we know of the repository. */
  since: Date
  /** Where mapped branches ("main") and pull requests ("pull 7": no branch can be called that) stood at the last look. */
  heads: Readonly<Record<string, string>>
  environments: readonly KnownEnvironment[]
  /** `isBuilt(environment, sha)`: since the last look, or ever where there was none. */
  isBuilt(environmentId: string, sha: string): boolean
}

export interface Branch {
  name: string
  sha: string
}

export interface OpenPull {
  number: number
  sha: string
  fromFork: boolean
  createdAt: Date
  updatedAt: Date
}

export interface Moved<T> {
  sync: T[]
  ask: T[]
}

export const keyOfPull = (number: number) => `pull ${number}`

/** A branch may be called like a method of objects. */
const before = ({ heads }: Known, key: string) => (Object.hasOwn(heads, key) ? heads[key] : undefined)

/** Branches that land nowhere are left out of both. */
export function movedBranches(known: Known, branches: readonly Branch[]): Moved<Branch> {
  const byName = new Map(known.environments.map(environment => [environment.name, environment]))
  return split(branches, branch => {
    const head = before(known, branch.name)
    if (head === branch.sha) return null
    const landings = landingsOf(known, branch)
    if (landings.length === 0) return null
    const found = landings.flatMap(landing => environmentOf(byName, landing) ?? [])
    if (found.some(environment => !isSeen(known, environment, branch))) return 'sync'
    if (found.length > 0) return null
    return head === undefined ? 'ask' : 'sync'
  })
}

/** What is to be remembered of this look. */
export function headsOf(
  known: Known,
  branches: readonly Branch[],
  pulls: readonly OpenPull[],
): Record<string, string> {
  const mapped = branches.filter(branch => landingsOf(known, branch).length > 0)
  return Object.fromEntries([
    ...mapped.map(({ name, sha }) => [name, sha]),
    ...pulls.map(({ number, sha }) => [keyOfPull(number), sha]),
  ])
}

const landingsOf = ({ file, defaultBranch }: Known, { name }: Branch) =>
  resolveEnvironments(file, defaultBranch, name)

/** Also where it changed its branch, as production does when the default branch is renamed. */
function isSeen(known: Known, environment: KnownEnvironment, { name, sha }: Branch): boolean {
  const isBuilt = environment.newestSha === sha || known.isBuilt(environment.id, sha)
  return isBuilt && environment.branch === name
}

function environmentOf(
  byName: ReadonlyMap<string, KnownEnvironment>,
  { name, otherName, branch }: Landing,
): KnownEnvironment | undefined {
  if (otherName === null) return byName.get(name)
  return [name, otherName].map(one => byName.get(one)).find(found => found?.branch === branch)
}

export function movedPulls(known: Known, pulls: readonly OpenPull[]): Moved<OpenPull> {
  const previews = new Map(known.environments.map(environment => [environment.pullNumber, environment]))
  return split(pulls, pull => {
    const preview = previews.get(pull.number)
    if (preview?.closedWithPull) return 'sync'
    if (before(known, keyOfPull(pull.number)) === pull.sha) return null
    if (preview) return preview.newestSha === pull.sha || known.isBuilt(preview.id, pull.sha) ? null : 'sync'
    if (!known.file.previews.enabled) return null
    if (pull.createdAt >= known.since) return 'sync'
    return pull.updatedAt >= known.since ? 'ask' : null
  })
}

/** Open previews whose pull request is not among the open ones: each is asked for by itself before anything is done. */
export function previewsWithoutPull(
  known: Pick<Known, 'environments'>,
  pulls: readonly OpenPull[],
): number[] {
  const open = new Set(pulls.map(pull => pull.number))
  return known.environments.flatMap(({ pullNumber, open: isOpen }) =>
    pullNumber !== null && isOpen && !open.has(pullNumber) ? [pullNumber] : [],
  )
}

function split<T>(all: readonly T[], decide: (one: T) => 'sync' | 'ask' | null): Moved<T> {
  const groups = Map.groupBy(all, decide)
  return { sync: groups.get('sync') ?? [], ask: groups.get('ask') ?? [] }
}

/** More than this at once is more likely a mistake than what people did (GITHUB.md section 3, must-have 47). */
export function isTooMany(going: number, all: number): boolean {
  return going > Math.max(5, Math.floor(all * 0.3))
}
