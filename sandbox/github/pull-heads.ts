// Pull requests follow branches: a new head, a base that already holds the head, a branch that is gone.

import { recordActivity } from './activity.ts'
import { emit } from './events.ts'
import { commitOf } from './git/bare.ts'
import { isAncestor } from './git/commits.ts'
import { zeroSha } from './git/run.ts'
import type { RefChange } from './git/smart-http.ts'
import { formatPull } from './payloads/pull.ts'
import { storeHead } from './pull-ref.ts'
import { closePull } from './pulls.ts'
import type { PullIssue, Repository } from './state.ts'
import { directoryOf, now, pullsOf, type World } from './world.ts'

export async function followBranch(
  world: World,
  repository: Repository,
  change: RefChange,
  login: string,
): Promise<void> {
  const branch = change.ref.slice('refs/heads/'.length)
  for (const base of world.state.repositories) {
    for (const issue of openPulls(base)) {
      const { head } = issue.pull
      if (head.repository !== repository.id || head.ref !== branch) continue
      if (change.new === zeroSha) await closePull(world, base, issue, login)
      else await moveHead(world, base, issue, change, login)
    }
  }
  await followBase(world, repository, branch, change, login)
}

const openPulls = (repository: Repository) => pullsOf(repository).filter(issue => issue.state === 'open')

async function moveHead(
  world: World,
  base: Repository,
  issue: PullIssue,
  change: RefChange,
  login: string,
): Promise<void> {
  const { pull } = issue
  pull.head.sha = change.new
  issue.updatedAt = now()
  recordActivity(world, issue, login, `pushed ${change.new.slice(0, 7)}`)
  await storeHead(world, base, issue)
  pull.base.sha = (await commitOf(directoryOf(world, base), `refs/heads/${pull.base.ref}`)) ?? pull.base.sha
  const body = {
    number: issue.number,
    before: change.old,
    after: change.new,
    pull_request: await formatPull(world, base, issue),
  }
  emit(world, base, { event: 'pull_request', action: 'synchronize', sender: login, body })
}

/** A push that brings the head into the base merges the pull request; a lost base closes it. */
async function followBase(
  world: World,
  repository: Repository,
  branch: string,
  change: RefChange,
  login: string,
): Promise<void> {
  for (const issue of openPulls(repository)) {
    if (issue.pull.base.ref !== branch) continue
    if (change.new === zeroSha) await closePull(world, repository, issue, login)
    else if (await isAncestor(directoryOf(world, repository), issue.pull.head.sha, change.new)) {
      await closePull(world, repository, issue, login, { mergeCommitSha: change.new })
    }
  }
}
