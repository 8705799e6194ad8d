// Merging: a merge commit, a squash or a rebase, written without a working tree.
import { HttpError } from '../http/reply.ts'
import { commitOf, moveRef } from './git/bare.ts'
import { commitTree, mergedTree, replay } from './git/write.ts'
import { closePull } from './pulls.ts'
import { refsChanged } from './pushes.ts'
import type { PullIssue, Repository } from './state.ts'
import { directoryOf, findAccount, type World } from './world.ts'

export type MergeMethod = 'merge' | 'squash' | 'rebase'
export type MergeOptions = {
  method: MergeMethod
  sha?: string | undefined
  title?: string | undefined
  message?: string | undefined
}

export async function mergePull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  options: MergeOptions,
  login: string,
): Promise<string> {
  const { pull } = issue
  if (issue.state !== 'open') throw new HttpError(405, 'Pull Request is not mergeable')
  if (pull.draft) throw new HttpError(405, 'Pull Request is still a draft')
  if (options.sha && options.sha !== pull.head.sha) {
    throw new HttpError(409, 'Head branch was modified. Review and try the merge again.')
  }
  const ref = `refs/heads/${pull.base.ref}`
  const tip = await commitOf(directoryOf(world, repository), ref)
  const merged = tip && (await mergeCommit(world, repository, issue, tip, options, login))
  if (!tip || !merged) throw new HttpError(405, 'Pull Request is not mergeable')
  if (!(await moveRef(directoryOf(world, repository), ref, merged, tip))) {
    throw new HttpError(409, 'Base branch was modified. Review and try the merge again.')
  }
  await closePull(world, repository, issue, login, { mergeCommitSha: merged })
  await refsChanged(world, repository, [{ old: tip, new: merged, ref }], login)
  return merged
}

/** The commit that brings the head into `tip`, or null when they conflict. Moves nothing. */
export async function mergeCommit(
  world: World,
  repository: Repository,
  issue: PullIssue,
  tip: string,
  options: MergeOptions,
  login: string,
): Promise<string | null> {
  const directory = directoryOf(world, repository)
  const { head } = issue.pull
  if (options.method === 'rebase') return replay(directory, tip, head.sha)
  const tree = await mergedTree(directory, tip, head.sha)
  if (!tree) return null
  const account = findAccount(world, login)
  const author = { name: account?.name ?? login, email: account?.email ?? `${login}@sandbox.test` }
  const parents = options.method === 'squash' ? [tip] : [tip, head.sha]
  return commitTree(directory, tree, parents, mergeMessage(issue, options), author)
}

function mergeMessage(issue: PullIssue, options: MergeOptions): string {
  const { head } = issue.pull
  const usual =
    options.method === 'squash'
      ? `${issue.title} (#${issue.number})`
      : `Merge pull request #${issue.number} from ${head.owner}/${head.ref}`
  const message = options.message ?? (options.method === 'squash' ? '' : issue.title)
  return `${options.title ?? usual}\n\n${message}`.trimEnd()
}
