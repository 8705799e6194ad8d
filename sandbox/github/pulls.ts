// Pull requests: opening, editing, closing, reopening, drafts.

import { HttpError, need } from '../http/reply.ts'
import { recordActivity } from './activity.ts'
import { emit } from './events.ts'
import { commitOf } from './git/bare.ts'
import { listShas } from './git/commits.ts'
import { newIssue } from './issues.ts'
import { formatPull } from './payloads/pull.ts'
import { storeHead } from './pull-ref.ts'
import type { PullIssue, Repository } from './state.ts'
import { directoryOf, findRepository, fullName, now, pullsOf, type World } from './world.ts'

export type NewPull = {
  title: string
  body: string | null
  /** `branch`, or `owner:branch` for a fork. */
  head: string
  base: string
  draft: boolean
}

const invalid = (message: string) =>
  new HttpError(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', code: 'custom', message }] })

export async function openPull(
  world: World,
  repository: Repository,
  wanted: NewPull,
  login: string,
): Promise<PullIssue> {
  const { source, ref } = findHead(world, repository, wanted.head)
  const baseSha = await commitOf(directoryOf(world, repository), `refs/heads/${wanted.base}`)
  const headSha = await commitOf(directoryOf(world, source), `refs/heads/${ref}`)
  if (!baseSha) throw invalid('base is invalid')
  if (!headSha) throw invalid('head is invalid')
  refuseDuplicate(repository, source, ref, wanted.base)
  const issue: PullIssue = {
    ...newIssue(world, repository, wanted, login),
    pull: {
      draft: wanted.draft,
      head: { repository: source.id, owner: source.owner, ref, sha: headSha },
      base: { ref: wanted.base, sha: baseSha },
      merged: false,
      mergedAt: null,
      mergedBy: null,
      mergeCommitSha: null,
    },
  }
  await storeHead(world, repository, issue)
  const commits = await listShas(directoryOf(world, repository), [`${baseSha}..${headSha}`], 1)
  if (commits.length === 0) throw invalid(`No commits between ${wanted.base} and ${ref}`)
  repository.issues.push(issue)
  await emitPull(world, repository, issue, 'opened', login)
  return issue
}

function findHead(world: World, repository: Repository, head: string): { source: Repository; ref: string } {
  const colon = head.indexOf(':')
  if (colon < 0) return { source: repository, ref: head }
  const owner = head.slice(0, colon)
  const own = owner.toLowerCase() === repository.owner.toLowerCase()
  const fork = world.state.repositories.find(
    candidate => candidate.forkOf === repository.id && candidate.owner.toLowerCase() === owner.toLowerCase(),
  )
  const source = own ? repository : (fork ?? findRepository(world, head.slice(0, colon)))
  return { source: need(source, 422, 'Validation Failed'), ref: head.slice(colon + 1) }
}

function refuseDuplicate(repository: Repository, source: Repository, ref: string, base: string): void {
  const twin = pullsOf(repository).find(
    ({ state, pull }) =>
      state === 'open' &&
      pull.head.repository === source.id &&
      pull.head.ref === ref &&
      pull.base.ref === base,
  )
  if (twin) throw invalid(`A pull request already exists for ${source.owner}:${ref}.`)
}

export async function emitPull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  action: string,
  login: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const body = { number: issue.number, pull_request: await formatPull(world, repository, issue), ...more }
  emit(world, repository, { event: 'pull_request', action, sender: login, body })
}

export async function closePull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  login: string,
  merge: { mergeCommitSha: string } | null = null,
): Promise<void> {
  const at = now()
  Object.assign(issue, { state: 'closed', closedAt: at, updatedAt: at })
  if (merge) Object.assign(issue.pull, { merged: true, mergedAt: at, mergedBy: login, ...merge })
  const text = merge
    ? `merged commit ${merge.mergeCommitSha.slice(0, 7)} into ${issue.pull.base.ref}`
    : 'closed this'
  recordActivity(world, issue, login, text)
  await emitPull(world, repository, issue, 'closed', login)
}

export async function reopenPull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  login: string,
): Promise<void> {
  if (issue.pull.merged) throw invalid('state cannot be changed. The pull request is merged.')
  const source = world.state.repositories.find(candidate => candidate.id === issue.pull.head.repository)
  const sha = source && (await commitOf(directoryOf(world, source), `refs/heads/${issue.pull.head.ref}`))
  if (!sha) throw invalid(`state cannot be changed. The ${issue.pull.head.ref} branch has been deleted.`)
  issue.pull.head.sha = sha
  await storeHead(world, repository, issue)
  Object.assign(issue, { state: 'open', closedAt: null, updatedAt: now() })
  recordActivity(world, issue, login, 'reopened this')
  await emitPull(world, repository, issue, 'reopened', login)
}

export async function setDraft(
  world: World,
  repository: Repository,
  issue: PullIssue,
  draft: boolean,
  login: string,
): Promise<void> {
  if (issue.pull.draft === draft) return
  issue.pull.draft = draft
  issue.updatedAt = now()
  const text = draft ? 'marked this as a draft' : 'marked this as ready for review'
  recordActivity(world, issue, login, text)
  await emitPull(world, repository, issue, draft ? 'converted_to_draft' : 'ready_for_review', login)
}

export type PullEdit = {
  title?: string | undefined
  body?: string | null | undefined
  base?: string | undefined
}

export async function editPull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  edit: PullEdit,
  login: string,
): Promise<void> {
  const changes: Record<string, unknown> = {}
  if (edit.title !== undefined && edit.title !== issue.title) changes.title = { from: issue.title }
  if (edit.body !== undefined && edit.body !== issue.body) changes.body = { from: issue.body ?? '' }
  if (edit.base !== undefined && edit.base !== issue.pull.base.ref) {
    changes.base = { ref: { from: issue.pull.base.ref }, sha: { from: issue.pull.base.sha } }
    await retarget(world, repository, issue, edit.base)
  }
  if (Object.keys(changes).length === 0) return
  issue.title = edit.title ?? issue.title
  issue.body = edit.body === undefined ? issue.body : edit.body
  issue.updatedAt = now()
  await emitPull(world, repository, issue, 'edited', login, { changes })
}

async function retarget(world: World, repository: Repository, issue: PullIssue, base: string): Promise<void> {
  const sha = await commitOf(directoryOf(world, repository), `refs/heads/${base}`)
  if (!sha) throw invalid(`Proposed base branch '${base}' was not found in ${fullName(repository)}`)
  issue.pull.base = { ref: base, sha }
}
