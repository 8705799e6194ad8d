// The merge queue: a group is a temporary branch that holds base plus head. When the checks it needs are green the
// base moves to it; when one is red the entry leaves the queue. One entry at a time is merged, in order of entry.
import { HttpError } from '../http/reply.ts'
import { emit } from './events.ts'
import { commitOf, moveRef } from './git/bare.ts'
import { readCommit } from './git/commits.ts'
import { zeroSha } from './git/run.ts'
import { mergeCommit } from './merge.ts'
import { formatSimpleCommit } from './payloads/commit.ts'
import { closePull, emitPull } from './pulls.ts'
import { refsChanged } from './pushes.ts'
import type { PullIssue, QueueEntry, Repository } from './state.ts'
import { isGreen, latestRuns } from './suite-result.ts'
import { directoryOf, pullsOf, type World } from './world.ts'

export async function enqueuePull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  login: string,
): Promise<QueueEntry> {
  if (issue.state !== 'open' || issue.pull.draft) throw new HttpError(422, 'Pull request is not mergeable')
  if (repository.mergeQueue.some(entry => entry.number === issue.number)) {
    throw new HttpError(422, 'Pull request is already in the merge queue')
  }
  const entry = await openGroup(world, repository, issue, login)
  repository.mergeQueue.push(entry)
  await emitPull(world, repository, issue, 'enqueued', login)
  await refsChanged(world, repository, [{ old: zeroSha, new: entry.headSha, ref: entry.branch }], login)
  await emitGroup(world, repository, entry, 'checks_requested')
  return entry
}

async function openGroup(
  world: World,
  repository: Repository,
  issue: PullIssue,
  login: string,
): Promise<QueueEntry> {
  const { base, head } = issue.pull
  const directory = directoryOf(world, repository)
  const ahead = repository.mergeQueue.filter(entry => entry.base === base.ref).at(-1)
  const baseSha = ahead?.headSha ?? (await commitOf(directory, `refs/heads/${base.ref}`)) ?? base.sha
  const headSha = await mergeCommit(world, repository, issue, baseSha, { method: 'merge' }, login)
  if (!headSha) throw new HttpError(422, 'Pull request has conflicts with the base branch')
  const branch = `refs/heads/gh-readonly-queue/${base.ref}/pr-${issue.number}-${baseSha}`
  await moveRef(directory, branch, headSha, zeroSha)
  const required = latestRuns(repository.checkRuns.filter(run => run.headSha === head.sha)).map(
    run => run.name,
  )
  return { number: issue.number, login, branch, headSha, baseSha, base: base.ref, required }
}

async function emitGroup(
  world: World,
  repository: Repository,
  entry: QueueEntry,
  action: 'checks_requested' | 'destroyed',
  reason?: 'merged' | 'invalidated' | 'dequeued',
): Promise<void> {
  const commit = await readCommit(directoryOf(world, repository), entry.headSha)
  const body = {
    merge_group: {
      head_sha: entry.headSha,
      head_ref: entry.branch,
      base_sha: entry.baseSha,
      base_ref: `refs/heads/${entry.base}`,
      head_commit: formatSimpleCommit(commit),
    },
    ...(reason ? { reason } : {}),
  }
  emit(world, repository, { event: 'merge_group', action, sender: entry.login, body })
}

/** Called when a check completes: does that decide a group? */
export async function checkMergeQueue(world: World, repository: Repository, sha: string): Promise<void> {
  const entry = repository.mergeQueue.find(candidate => candidate.headSha === sha)
  if (!entry || entry.required.length === 0) return
  const runs = latestRuns(repository.checkRuns.filter(run => run.headSha === sha))
  const needed = entry.required.map(name => runs.find(run => run.name === name))
  if (needed.some(run => run?.status === 'completed' && !isGreen(run))) {
    await leaveQueue(world, repository, entry, 'invalidated')
  } else if (needed.every(run => run !== undefined && isGreen(run))) {
    await mergeGroup(world, repository, entry)
  }
}

/** Merges the entry whatever its checks say, if it is the first and nothing moved underneath. */
export async function mergeGroup(world: World, repository: Repository, entry: QueueEntry): Promise<void> {
  const issue = pullsOf(repository).find(candidate => candidate.number === entry.number)
  const ref = `refs/heads/${entry.base}`
  const moved = issue && (await moveRef(directoryOf(world, repository), ref, entry.headSha, entry.baseSha))
  if (!moved) return leaveQueue(world, repository, entry, 'invalidated')
  await closePull(world, repository, issue, entry.login, { mergeCommitSha: entry.headSha })
  await refsChanged(world, repository, [{ old: entry.baseSha, new: entry.headSha, ref }], entry.login)
  await leaveQueue(world, repository, entry, 'merged')
}

const dequeueReasons = { merged: 'MERGE', invalidated: 'CI_FAILURE', dequeued: 'MANUAL' }

export async function leaveQueue(
  world: World,
  repository: Repository,
  entry: QueueEntry,
  reason: 'merged' | 'invalidated' | 'dequeued',
): Promise<void> {
  repository.mergeQueue = repository.mergeQueue.filter(candidate => candidate !== entry)
  await emitGroup(world, repository, entry, 'destroyed', reason)
  const issue = pullsOf(repository).find(candidate => candidate.number === entry.number)
  if (issue)
    await emitPull(world, repository, issue, 'dequeued', entry.login, { reason: dequeueReasons[reason] })
  const gone = { old: entry.headSha, new: zeroSha, ref: entry.branch }
  await moveRef(directoryOf(world, repository), entry.branch, zeroSha, entry.headSha)
  await refsChanged(world, repository, [gone], entry.login)
}
