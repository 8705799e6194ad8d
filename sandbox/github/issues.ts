// Issues: opening, editing, closing. Pull requests share their numbers, titles and comments.
import { recordActivity } from './activity.ts'
import { emit } from './events.ts'
import { formatIssue } from './payloads/issue.ts'
import type { Issue, Repository } from './state.ts'
import { nextId, now, type World } from './world.ts'

export type NewIssue = { title: string; body: string | null }

export function newIssue(world: World, repository: Repository, wanted: NewIssue, login: string): Issue {
  return {
    id: nextId(world),
    number: repository.issues.reduce((highest, issue) => Math.max(highest, issue.number), 0) + 1,
    title: wanted.title,
    body: wanted.body,
    state: 'open',
    login,
    labels: [],
    createdAt: now(),
    updatedAt: now(),
    closedAt: null,
    reactions: [],
    activity: [],
    pull: null,
  }
}

export function openIssue(world: World, repository: Repository, wanted: NewIssue, login: string): Issue {
  const issue = newIssue(world, repository, wanted, login)
  repository.issues.push(issue)
  emitIssue(world, repository, issue, 'opened', login)
  return issue
}

export function setIssueState(
  world: World,
  repository: Repository,
  issue: Issue,
  state: 'open' | 'closed',
  login: string,
): void {
  if (issue.state === state) return
  issue.state = state
  issue.closedAt = state === 'closed' ? now() : null
  issue.updatedAt = now()
  recordActivity(world, issue, login, state === 'closed' ? 'closed this' : 'reopened this')
  emitIssue(world, repository, issue, state === 'closed' ? 'closed' : 'reopened', login)
}

export type IssueEdit = { title?: string | undefined; body?: string | null | undefined }

export function editIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  edit: IssueEdit,
  login: string,
): void {
  const changes: Record<string, unknown> = {}
  if (edit.title !== undefined && edit.title !== issue.title) changes.title = { from: issue.title }
  if (edit.body !== undefined && edit.body !== issue.body) changes.body = { from: issue.body ?? '' }
  if (Object.keys(changes).length === 0) return
  issue.title = edit.title ?? issue.title
  issue.body = edit.body === undefined ? issue.body : edit.body
  issue.updatedAt = now()
  emitIssue(world, repository, issue, 'edited', login, { changes })
}

function emitIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  action: string,
  login: string,
  more: Record<string, unknown> = {},
): void {
  const body = { issue: formatIssue(world, repository, issue), ...more }
  emit(world, repository, { event: 'issues', action, sender: login, body })
}
