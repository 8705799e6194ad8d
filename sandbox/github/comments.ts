// Comments on issues, pull requests and commits, and reactions to them. Reactions send no webhook, as on GitHub.
import { HttpError } from '../http/reply.ts'
import { emit } from './events.ts'
import { formatComment, formatCommitComment, formatIssue } from './payloads/issue.ts'
import type { Comment, CommitComment, Issue, Reaction, Repository } from './state.ts'
import { nextId, now, type World } from './world.ts'

export type Author = { login: string; app: number | null }

const maxBody = 65_536

function checkBody(body: string): void {
  if (body.trim() === '') throw invalid("Body can't be blank")
  if (body.length > maxBody) throw invalid(`Body is too long (maximum is ${maxBody} characters)`)
}

const invalid = (message: string) =>
  new HttpError(422, 'Validation Failed', {
    errors: [{ resource: 'IssueComment', code: 'unprocessable', message }],
  })

function newComment(world: World, body: string, author: Author) {
  checkBody(body)
  return { id: nextId(world), body, ...author, createdAt: now(), updatedAt: now(), reactions: [] }
}

export function addComment(
  world: World,
  repository: Repository,
  issue: Issue,
  body: string,
  author: Author,
): Comment {
  const comment = { ...newComment(world, body, author), issue: issue.number }
  repository.comments.push(comment)
  issue.updatedAt = now()
  emitComment(world, repository, comment, 'created', author.login)
  return comment
}

export function editComment(
  world: World,
  repository: Repository,
  comment: Comment,
  body: string,
  login: string,
): void {
  checkBody(body)
  const changes = { body: { from: comment.body } }
  comment.body = body
  comment.updatedAt = now()
  emitComment(world, repository, comment, 'edited', login, { changes })
}

export function deleteComment(world: World, repository: Repository, comment: Comment, login: string): void {
  emitComment(world, repository, comment, 'deleted', login)
  repository.comments.splice(repository.comments.indexOf(comment), 1)
}

function emitComment(
  world: World,
  repository: Repository,
  comment: Comment,
  action: 'created' | 'edited' | 'deleted',
  login: string,
  more: Record<string, unknown> = {},
): void {
  const issue = repository.issues.find(candidate => candidate.number === comment.issue)
  if (!issue) throw new Error(`comment ${comment.id} belongs to no issue`)
  const body = {
    issue: formatIssue(world, repository, issue),
    comment: formatComment(world, repository, issue, comment),
    ...more,
  }
  emit(world, repository, { event: 'issue_comment', action, sender: login, body })
}

export type Place = { sha: string; path: string | null; line: number | null; position: number | null }

export function addCommitComment(
  world: World,
  repository: Repository,
  place: Place,
  body: string,
  author: Author,
): CommitComment {
  const comment = { ...newComment(world, body, author), ...place }
  repository.commitComments.push(comment)
  const formatted = { comment: formatCommitComment(world, repository, comment) }
  emit(world, repository, {
    event: 'commit_comment',
    action: 'created',
    sender: author.login,
    body: formatted,
  })
  return comment
}

/** One reaction of each kind per person; the second attempt finds the first. */
export function react(
  world: World,
  target: { reactions: Reaction[] },
  content: string,
  login: string,
): { reaction: Reaction; isNew: boolean } {
  const known = target.reactions.find(reaction => reaction.login === login && reaction.content === content)
  if (known) return { reaction: known, isNew: false }
  const reaction = { id: nextId(world), login, content, createdAt: now() }
  target.reactions.push(reaction)
  world.save()
  return { reaction, isNew: true }
}
