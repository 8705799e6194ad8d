// Pull requests over REST.
import * as z from 'zod'
import { created, json, need } from '../../http/reply.ts'
import { mergeBase, readCommits } from '../git/commits.ts'
import { diffFiles } from '../git/diff.ts'
import { mergePull } from '../merge.ts'
import { formatCommit } from '../payloads/commit.ts'
import { formatPull } from '../payloads/pull.ts'
import { closePull, editPull, openPull, reopenPull } from '../pulls.ts'
import type { PullIssue, Repository } from '../state.ts'
import { directoryOf, pullsOf, type World } from '../world.ts'
import { type ApiRoutes, actorOf, bodyOf, pageOf, pullOf, repositoryOf } from './call.ts'

const read = { permission: 'pull_requests' }
const write = { permission: 'pull_requests', access: 'write', personAccess: 'read' } as const

const newSchema = z.object({
  title: z.string().min(1),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
})
const editSchema = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  base: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
})

export function addPulls(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/pulls', async call => {
    const repository = repositoryOf(call, read)
    const listed = pageOf(call, filtered(repository, call.query))
    return Promise.all(listed.map(issue => formatPull(call.world, repository, issue)))
  })
  routes.add('POST', '/repos/:owner/:repo/pulls', async call => {
    const repository = repositoryOf(call, write)
    const wanted = bodyOf(call, newSchema)
    const issue = await openPull(
      call.world,
      repository,
      { ...wanted, body: wanted.body ?? null },
      actorOf(call),
    )
    return created(await formatPull(call.world, repository, issue))
  })
  routes.add('GET', '/repos/:owner/:repo/pulls/:number', call => {
    const repository = repositoryOf(call, read)
    return formatPull(call.world, repository, pullOf(repository, call.params.number))
  })
  routes.add('PATCH', '/repos/:owner/:repo/pulls/:number', async call => {
    const repository = repositoryOf(call, write)
    const issue = pullOf(repository, call.params.number)
    await applyEdit(call.world, repository, issue, bodyOf(call, editSchema), actorOf(call))
    return formatPull(call.world, repository, issue)
  })
  addParts(routes)
  addMerge(routes)
}

function filtered(repository: Repository, query: URLSearchParams): PullIssue[] {
  const state = query.get('state') ?? 'open'
  const head = query.get('head')
  const base = query.get('base')
  const found = pullsOf(repository).filter(({ state: own, pull }) => {
    const inState = state === 'all' || own === state
    return (
      inState &&
      (!head || `${pull.head.owner}:${pull.head.ref}` === head) &&
      (!base || pull.base.ref === base)
    )
  })
  return query.get('direction') === 'asc' ? found : found.reverse()
}

async function applyEdit(
  world: World,
  repository: Repository,
  issue: PullIssue,
  edit: z.infer<typeof editSchema>,
  login: string,
): Promise<void> {
  await editPull(world, repository, issue, edit, login)
  if (edit.state === undefined || edit.state === issue.state) return
  if (edit.state === 'closed') await closePull(world, repository, issue, login)
  else await reopenPull(world, repository, issue, login)
}

async function rangeOf(world: World, repository: Repository, { pull }: PullIssue) {
  const directory = directoryOf(world, repository)
  const from = (await mergeBase(directory, pull.base.sha, pull.head.sha)) ?? pull.base.sha
  return { directory, from, to: pull.head.sha }
}

function addParts(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/pulls/:number/files', async call => {
    const repository = repositoryOf(call, read)
    const range = await rangeOf(call.world, repository, pullOf(repository, call.params.number))
    return pageOf(call, await diffFiles(range.directory, range.from, range.to))
  })
  routes.add('GET', '/repos/:owner/:repo/pulls/:number/commits', async call => {
    const repository = repositoryOf(call, read)
    const range = await rangeOf(call.world, repository, pullOf(repository, call.params.number))
    const commits = await readCommits(range.directory, [`${range.from}..${range.to}`], 250)
    return pageOf(call, commits.reverse()).map(commit => formatCommit(call.world, repository, commit))
  })
  routes.add('GET', '/repos/:owner/:repo/pulls/:number/reviews', call => {
    pullOf(repositoryOf(call, read), call.params.number)
    return []
  })
}

const mergeSchema = z.object({
  merge_method: z.enum(['merge', 'squash', 'rebase']).default('merge'),
  sha: z.string().optional(),
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
})

function addMerge(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/pulls/:number/merge', call => {
    const { pull } = pullOf(repositoryOf(call, read), call.params.number)
    need(pull.merged)
    return json(204, undefined)
  })
  routes.add('PUT', '/repos/:owner/:repo/pulls/:number/merge', async call => {
    const repository = repositoryOf(call, { permission: 'contents', access: 'write' })
    const issue = pullOf(repository, call.params.number)
    const {
      merge_method: method,
      commit_title: title,
      commit_message: message,
      sha,
    } = bodyOf(call, mergeSchema)
    const options = { method, sha, title, message }
    const merged = await mergePull(call.world, repository, issue, options, actorOf(call))
    return { sha: merged, merged: true, message: 'Pull Request successfully merged' }
  })
}
