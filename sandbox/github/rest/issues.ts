// Issues, labels and comments over REST. A pull request is an issue here too.
import * as z from 'zod'
import { created, HttpError, need, noContent } from '../../http/reply.ts'
import { addComment, deleteComment, editComment } from '../comments.ts'
import { editIssue, openIssue, setIssueState } from '../issues.ts'
import { addLabels, removeLabel } from '../labels.ts'
import { formatComment, formatIssue, formatLabel } from '../payloads/issue.ts'
import { atLeast, roleOf } from '../permission.ts'
import { closePull, editPull, reopenPull } from '../pulls.ts'
import type { Comment, Issue, Repository } from '../state.ts'
import { isPull, type World } from '../world.ts'
import {
  type Api,
  type ApiRoutes,
  actorOf,
  authorOf,
  bodyOf,
  byId,
  issueOf,
  pageOf,
  repositoryOf,
} from './call.ts'

const either = ['issues', 'pull_requests']
const read = { permission: either }
const write = { permission: either, access: 'write', personAccess: 'read' } as const

const newSchema = z.object({
  title: z.string().min(1),
  body: z.string().nullish(),
  labels: z.array(z.string()).optional(),
})
const editSchema = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
})
const commentSchema = z.object({ body: z.string() })
const labelsSchema = z.object({ labels: z.array(z.string()) })

export function addIssues(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/issues', call => {
    const repository = repositoryOf(call, read)
    const state = call.query.get('state') ?? 'open'
    const found = repository.issues.filter(issue => state === 'all' || issue.state === state)
    return pageOf(call, found.reverse()).map(issue => formatIssue(call.world, repository, issue))
  })
  routes.add('POST', '/repos/:owner/:repo/issues', async call => {
    const repository = repositoryOf(call, write)
    const { title, body, labels = [] } = bodyOf(call, newSchema)
    const issue = openIssue(call.world, repository, { title, body: body ?? null }, actorOf(call))
    await addLabels(call.world, repository, issue, labels, actorOf(call))
    return created(formatIssue(call.world, repository, issue))
  })
  routes.add('GET', '/repos/:owner/:repo/issues/:number', call => {
    const repository = repositoryOf(call, read)
    return formatIssue(call.world, repository, issueOf(repository, call.params.number))
  })
  routes.add('PATCH', '/repos/:owner/:repo/issues/:number', async call => {
    const repository = repositoryOf(call, write)
    const issue = issueOf(repository, call.params.number)
    await applyEdit(call.world, repository, issue, bodyOf(call, editSchema), actorOf(call))
    return formatIssue(call.world, repository, issue)
  })
  addLabelRoutes(routes)
  addCommentLists(routes)
  addSingleComments(routes)
}

async function applyEdit(
  world: World,
  repository: Repository,
  issue: Issue,
  edit: z.infer<typeof editSchema>,
  login: string,
): Promise<void> {
  if (!isPull(issue)) {
    editIssue(world, repository, issue, edit, login)
    if (edit.state) setIssueState(world, repository, issue, edit.state, login)
    return
  }
  await editPull(world, repository, issue, edit, login)
  if (edit.state === 'closed' && issue.state === 'open') await closePull(world, repository, issue, login)
  if (edit.state === 'open' && issue.state === 'closed') await reopenPull(world, repository, issue, login)
}

function addLabelRoutes(routes: ApiRoutes): void {
  const format = (call: Api, repository: Repository, issue: Issue) =>
    issue.labels.map(label => formatLabel(call.world, repository, label))
  routes.add('GET', '/repos/:owner/:repo/issues/:number/labels', call => {
    const repository = repositoryOf(call, read)
    return format(call, repository, issueOf(repository, call.params.number))
  })
  routes.add('POST', '/repos/:owner/:repo/issues/:number/labels', async call => {
    const repository = repositoryOf(call, { permission: either, access: 'write' })
    const issue = issueOf(repository, call.params.number)
    await addLabels(call.world, repository, issue, bodyOf(call, labelsSchema).labels, actorOf(call))
    return format(call, repository, issue)
  })
  routes.add('DELETE', '/repos/:owner/:repo/issues/:number/labels/:name', async call => {
    const repository = repositoryOf(call, { permission: either, access: 'write' })
    const issue = issueOf(repository, call.params.number)
    need(
      await removeLabel(call.world, repository, issue, call.params.name, actorOf(call)),
      404,
      'Label does not exist',
    )
    return format(call, repository, issue)
  })
}

function addCommentLists(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/issues/:number/comments', call => {
    const repository = repositoryOf(call, read)
    const issue = issueOf(repository, call.params.number)
    const since = call.query.get('since') ?? ''
    const comments = repository.comments.filter(
      comment => comment.issue === issue.number && comment.updatedAt >= since,
    )
    return pageOf(call, comments).map(comment => formatComment(call.world, repository, issue, comment))
  })
  routes.add('POST', '/repos/:owner/:repo/issues/:number/comments', call => {
    const repository = repositoryOf(call, write)
    const issue = issueOf(repository, call.params.number)
    const comment = addComment(
      call.world,
      repository,
      issue,
      bodyOf(call, commentSchema).body,
      authorOf(call),
    )
    return created(formatComment(call.world, repository, issue, comment))
  })
}

function addSingleComments(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/issues/comments/:id', call => {
    const repository = repositoryOf(call, read)
    const comment = byId(repository.comments, call.params.id)
    return formatComment(call.world, repository, issueOf(repository, String(comment.issue)), comment)
  })
  routes.add('PATCH', '/repos/:owner/:repo/issues/comments/:id', call => {
    const repository = repositoryOf(call, write)
    const comment = ownComment(call, repository, call.params.id)
    editComment(call.world, repository, comment, bodyOf(call, commentSchema).body, actorOf(call))
    return formatComment(call.world, repository, issueOf(repository, String(comment.issue)), comment)
  })
  routes.add('DELETE', '/repos/:owner/:repo/issues/comments/:id', call => {
    const repository = repositoryOf(call, write)
    deleteComment(call.world, repository, ownComment(call, repository, call.params.id), actorOf(call))
    return noContent()
  })
}

/** People change their own comments, writers everybody's; an App with the permission changes any. */
function ownComment(call: Api, repository: Repository, id: string): Comment {
  const comment = byId(repository.comments, id)
  const { auth } = call
  if (auth.kind !== 'user' || comment.login === auth.login) return comment
  if (atLeast(roleOf(call.world, repository, auth.login), 'write')) return comment
  throw new HttpError(403, 'Must have admin rights to Repository.')
}
