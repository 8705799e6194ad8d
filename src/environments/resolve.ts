// Which environments a branch lands in, by the repository file. Pure. A literal branch fills the environment as it is named;
// a pattern makes one environment for each matching branch: qa/concurrency -> qa-concurrency.
import { createHash } from 'node:crypto'
import { matches } from './match.ts'
import { type BuildSettings, buildSettingsOf, type RepositoryFile } from './repository-file.ts'

export interface Landing {
  name: string
  /** For one born of a pattern: its name where `name` already belongs to another branch. */
  otherName: string | null
  branch: string
  root: string
  production: boolean
  crons: boolean
  /** Folders whose changes ask for a build, besides those that every build looks at. */
  watch: string[]
  build: BuildSettings
  /** Of a preview: the branch its pull request is to be merged into. */
  baseBranch?: string
  /** False: of a stranger's pull request. */
  trusted?: boolean
}

const mergeQueue = 'gh-readonly-queue/'
const maxName = 63

export function resolveEnvironments(file: RepositoryFile, defaultBranch: string, branch: string): Landing[] {
  if (branch.startsWith(mergeQueue)) return []
  if (!file.environments) {
    const only = { name: 'production', otherName: null, branch, root: '.', production: true, crons: true }
    return branch === defaultBranch ? [{ ...only, watch: [], build: buildSettingsOf(file) }] : []
  }
  const reserved = new Set(Object.keys(file.environments))
  return Object.entries(file.environments)
    .filter(([, entry]) => matches(entry.branch, branch))
    .map(([name, entry]) => ({
      ...(entry.branch.includes('*') ? namesOfBranch(branch, reserved) : { name, otherName: null }),
      branch,
      root: entry.root,
      production: entry.production ?? name === 'production',
      crons: entry.crons,
      watch: entry.watch,
      build: buildSettingsOf(file, entry.build),
    }))
}

export function nameOfPreview(pullNumber: number): string {
  return `pr-${pullNumber}`
}

/** qa/concurrency -> qa-concurrency; with a digest of the branch where that says too little, or somebody else's name. */
export function namesOfBranch(
  branch: string,
  reserved: ReadonlySet<string>,
): { name: string; otherName: string } {
  const plain = branch.replaceAll('/', '-')
  const clean = plain
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
  const digest = createHash('sha256').update(branch).digest('hex').slice(0, 6)
  const otherName = `${clean.slice(0, maxName - 7) || 'branch'}-${digest}`
  const usable = clean === plain && clean.length <= maxName && !reserved.has(clean) && !/^pr-\d+$/.test(clean)
  return { name: usable ? clean : otherName, otherName }
}
