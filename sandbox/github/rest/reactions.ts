// Reactions over REST, on issues (and pull requests), their comments, and comments on commits.
import * as z from 'zod'
import { json, need, noContent } from '../../http/reply.ts'
import { react } from '../comments.ts'
import { formatReaction, reactionContents } from '../payloads/issue.ts'
import type { Reaction, Repository } from '../state.ts'
import { type ApiRoutes, actorOf, bodyOf, byId, issueOf, pageOf, repositoryOf } from './call.ts'

type Target = { reactions: Reaction[] }

const schema = z.object({ content: z.enum(reactionContents) })

export function addReactions(routes: ApiRoutes): void {
  addTarget(routes, 'issues/comments', ['issues', 'pull_requests'], (repository, id) =>
    byId(repository.comments, id),
  )
  addTarget(routes, 'issues', ['issues', 'pull_requests'], issueOf)
  // Whoever may read a commit may comment on it, an App too.
  addTarget(routes, 'comments', ['contents'], (repository, id) => byId(repository.commitComments, id), 'read')
}

function addTarget(
  routes: ApiRoutes,
  kind: string,
  permission: string[],
  find: (repository: Repository, id: string) => Target,
  access: 'read' | 'write' = 'write',
): void {
  const path = `/repos/:owner/:repo/${kind}/:id/reactions` as const
  const write = { permission, access, personAccess: 'read' } as const
  routes.add('GET', path, call => {
    const target = find(repositoryOf(call, { permission }), call.params.id)
    const content = call.query.get('content')
    const wanted = target.reactions.filter(reaction => !content || reaction.content === content)
    return pageOf(call, wanted).map(reaction => formatReaction(call.world, reaction))
  })
  routes.add('POST', path, call => {
    const target = find(repositoryOf(call, write), call.params.id)
    const { reaction, isNew } = react(call.world, target, bodyOf(call, schema).content, actorOf(call))
    return json(isNew ? 201 : 200, formatReaction(call.world, reaction))
  })
  routes.add('DELETE', `${path}/:reaction`, call => {
    const target = find(repositoryOf(call, write), call.params.id)
    const own = target.reactions.find(
      ({ id, login }) => String(id) === call.params.reaction && login === actorOf(call),
    )
    target.reactions.splice(target.reactions.indexOf(need(own)), 1)
    call.world.save()
    return noContent()
  })
}
