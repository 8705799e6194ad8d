// Reads commits: one, a range, and how two of them relate.
import { emptyTree, git, gitOrNull, runGit } from './run.ts'

export type Person = { name: string; email: string; date: string }
export type Commit = {
  sha: string
  tree: string
  parents: string[]
  author: Person
  committer: Person
  message: string
}

const format = '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01'

export async function readCommit(directory: string, sha: string): Promise<Commit> {
  const text = await git(directory, [
    'show',
    '--no-patch',
    `--format=${format}`,
    '--end-of-options',
    sha,
    '--',
  ])
  const [commit] = parse(text)
  if (!commit) throw new Error(`git has no commit ${sha}`)
  return commit
}

/** Newest first, as git lists them. */
export async function readCommits(directory: string, range: string[], limit: number): Promise<Commit[]> {
  const args = ['log', `--format=${format}`, `--max-count=${limit}`, '--end-of-options', ...range, '--']
  return parse(await git(directory, args))
}

/** The given commits in the given order, in one process. */
export async function readListed(directory: string, shas: string[]): Promise<Commit[]> {
  const args = ['log', '--stdin', '--no-walk=unsorted', `--format=${format}`]
  return parse(await git(directory, args, { input: shas.map(sha => `${sha}\n`).join('') }))
}

function parse(text: string): Commit[] {
  return text
    .split('\x00\x01')
    .map(part => part.replace(/^\n/, '').split('\0'))
    .filter(fields => fields.length >= 10)
    .map(toCommit)
}

function toCommit(fields: string[]): Commit {
  const [sha = '', tree = '', parents = '', ...people] = fields
  const [name = '', email = '', date = '', committerName = '', committerEmail = '', committed = ''] = people
  return {
    sha,
    tree,
    parents: parents.split(' ').filter(parent => parent !== ''),
    author: { name, email, date },
    committer: { name: committerName, email: committerEmail, date: committed },
    message: (fields[9] ?? '').trimEnd(),
  }
}

/** Oldest first; `range` is rev-list arguments made of shas and refs of our own. */
export async function listShas(directory: string, range: string[], limit = 10_000): Promise<string[]> {
  const text = await git(directory, ['rev-list', '--reverse', `--max-count=${limit}`, ...range, '--'])
  return text.split('\n').filter(sha => sha !== '')
}

export async function isAncestor(directory: string, old: string, recent: string): Promise<boolean> {
  return (await runGit(directory, ['merge-base', '--is-ancestor', old, recent])).code === 0
}

export function mergeBase(directory: string, one: string, other: string): Promise<string | null> {
  return gitOrNull(directory, ['merge-base', one, other])
}

export function parentOrEmpty(commit: Commit): string {
  return commit.parents[0] ?? emptyTree
}
