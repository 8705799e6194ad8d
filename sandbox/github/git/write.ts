// Writes commits without a working tree: one file for the contents API, a merge, a squash, a rebase.
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Commit, isAncestor, readCommits } from './commits.ts'
import { git, runGit } from './run.ts'

export type Author = { name: string; email: string; date?: string }

export async function commitTree(
  directory: string,
  tree: string,
  parents: string[],
  message: string,
  author: Author,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-F', '-']
  return git(directory, args, {
    input: `${message}\n`,
    environment: {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      ...(author.date ? { GIT_AUTHOR_DATE: author.date } : {}),
      GIT_COMMITTER_NAME: 'GitHub',
      GIT_COMMITTER_EMAIL: 'noreply@github.com',
    },
  })
}

/** The merged tree, or null when the two conflict. */
export async function mergedTree(directory: string, base: string, head: string): Promise<string | null> {
  const result = await runGit(directory, ['merge-tree', '--write-tree', '--end-of-options', base, head])
  return result.code === 0 ? (result.stdout.toString().split('\n')[0] ?? '').trim() : null
}

export type FileChange = { path: string; content: Buffer | null; message: string; author: Author }

/** Commits one changed (or, with null, removed) file on top of `parent`; returns the new commit. */
export async function commitFile(
  directory: string,
  parent: string | null,
  change: FileChange,
): Promise<string> {
  const index = join(directory, `index-${randomUUID()}`)
  const environment = { GIT_INDEX_FILE: index }
  try {
    if (parent) await git(directory, ['read-tree', parent], { environment })
    await stageFile(directory, change, environment)
    const tree = await git(directory, ['write-tree'], { environment })
    return await commitTree(directory, tree, parent ? [parent] : [], change.message, change.author)
  } finally {
    await rm(index, { force: true })
  }
}

async function stageFile(
  directory: string,
  change: FileChange,
  environment: Record<string, string>,
): Promise<void> {
  if (change.content === null) {
    await git(directory, ['update-index', '--force-remove', '--', change.path], { environment })
    return
  }
  const blob = await git(directory, ['hash-object', '-w', '--stdin'], { input: change.content })
  const entry = `100644,${blob},${change.path}`
  await git(directory, ['update-index', '--add', '--cacheinfo', entry], { environment })
}

/** Replays commits that already sit on `base`; real rebases over conflicts are not this sandbox's business. */
export async function replay(directory: string, base: string, head: string): Promise<string | null> {
  if (!(await isAncestor(directory, base, head))) return null
  const commits = await readCommits(directory, [`${base}..${head}`], 1000)
  let tip = base
  for (const commit of commits.reverse()) tip = await copyOnto(directory, commit, tip)
  return tip
}

function copyOnto(directory: string, commit: Commit, parent: string): Promise<string> {
  return commitTree(directory, commit.tree, [parent], commit.message, commit.author)
}
