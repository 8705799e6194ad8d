// refs/pull/N/head: the base repository knows every pull request's head, also one that lives in a fork.
import { fetchCommit } from './git/bare.ts'
import { git } from './git/run.ts'
import type { PullIssue, Repository } from './state.ts'
import { directoryOf, repositoryById, type World } from './world.ts'

export async function storeHead(world: World, base: Repository, issue: PullIssue): Promise<void> {
  const { head } = issue.pull
  const directory = directoryOf(world, base)
  const ref = `refs/pull/${issue.number}/head`
  if (head.repository === base.id) await git(directory, ['update-ref', '--', ref, head.sha])
  else await fetchCommit(directoryOf(world, repositoryById(world, head.repository)), directory, head.sha, ref)
}
