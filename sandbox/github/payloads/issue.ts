// How GitHub writes issues, their comments, comments on commits and reactions.

import { association } from '../permission.ts'
import type { Comment, CommitComment, Issue, Label, Reaction, Repository } from '../state.ts'
import { appById, fullName, type World } from '../world.ts'
import { formatAccount, formatApp } from './account.ts'

export const reactionContents = [
  '+1',
  '-1',
  'laugh',
  'hooray',
  'confused',
  'heart',
  'rocket',
  'eyes',
] as const

function formatReactionCounts(url: string, reactions: Reaction[]) {
  const counts = reactionContents.map(content => [
    content,
    reactions.filter(reaction => reaction.content === content).length,
  ])
  return { url: `${url}/reactions`, total_count: reactions.length, ...Object.fromEntries(counts) }
}

export function formatReaction(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: `REA_${reaction.id}`,
    user: formatAccount(world, reaction.login),
    content: reaction.content,
    created_at: reaction.createdAt,
  }
}

export function formatLabel(world: World, repository: Repository, label: Label) {
  return {
    id: label.id,
    node_id: `LA_${label.id}`,
    url: `${world.apiUrl}/repos/${fullName(repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  }
}

export function issueAddress(world: World, repository: Repository, issue: Issue): string {
  return `${world.url}/${fullName(repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`
}

export function formatIssue(world: World, repository: Repository, issue: Issue) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`
  const url = `${api}/issues/${issue.number}`
  return {
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: issueAddress(world, repository, issue),
    id: issue.id,
    node_id: `I_${issue.id}`,
    number: issue.number,
    title: issue.title,
    user: formatAccount(world, issue.login),
    labels: issue.labels.map(label => formatLabel(world, repository, label)),
    state: issue.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: repository.comments.filter(comment => comment.issue === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(world, repository, issue.login),
    active_lock_reason: null,
    body: issue.body,
    reactions: formatReactionCounts(url, issue.reactions),
    performed_via_github_app: null,
    state_reason: issue.state === 'closed' ? 'completed' : null,
    ...(issue.pull ? { draft: issue.pull.draft, pull_request: pullLinks(world, repository, issue) } : {}),
  }
}

function pullLinks(world: World, repository: Repository, issue: Issue) {
  const address = issueAddress(world, repository, issue)
  return {
    url: `${world.apiUrl}/repos/${fullName(repository)}/pulls/${issue.number}`,
    html_url: address,
    diff_url: `${address}.diff`,
    patch_url: `${address}.patch`,
    merged_at: issue.pull?.mergedAt ?? null,
  }
}

export function formatComment(world: World, repository: Repository, issue: Issue, comment: Comment) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`
  const url = `${api}/issues/comments/${comment.id}`
  return {
    url,
    html_url: `${issueAddress(world, repository, issue)}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${issue.number}`,
    id: comment.id,
    node_id: `IC_${comment.id}`,
    user: formatAccount(world, comment.login),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(world, repository, comment.login),
    body: comment.body,
    reactions: formatReactionCounts(url, comment.reactions),
    performed_via_github_app: comment.app ? formatApp(world, appById(world, comment.app)) : null,
  }
}

export function formatCommitComment(world: World, repository: Repository, comment: CommitComment) {
  const full = fullName(repository)
  const url = `${world.apiUrl}/repos/${full}/comments/${comment.id}`
  return {
    url,
    html_url: `${world.url}/${full}/commit/${comment.sha}#commitcomment-${comment.id}`,
    id: comment.id,
    node_id: `CC_${comment.id}`,
    user: formatAccount(world, comment.login),
    position: comment.position,
    line: comment.line,
    path: comment.path,
    commit_id: comment.sha,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(world, repository, comment.login),
    body: comment.body,
    reactions: formatReactionCounts(url, comment.reactions),
  }
}
