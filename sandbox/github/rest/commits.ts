// Commits over REST: one, a list, a comparison, the pull requests that hold one, comments on one, commit statuses.
import * as z from 'zod'
import { created, need, Reply } from '../../http/reply.ts'
import { addCommitComment } from '../comments.ts'
import { fetchCommit, resolveRef } from '../git/bare.ts'
import { listShas, mergeBase, parentOrEmpty, readCommit, readCommits } from '../git/commits.ts'
import { type DiffFile, diffFiles } from '../git/diff.ts'
import { formatCommit } from '../payloads/commit.ts'
import { formatCommitComment } from '../payloads/issue.ts'
import { formatPull } from '../payloads/pull.ts'
import type { Repository } from '../state.ts'
import { directoryOf, fullName, nextId, now, pullsOf, type World } from '../world.ts'
import { type ApiRoutes, actorOf, authorOf, bodyOf, byId, pageOf, repositoryOf } from './call.ts'

const contents = { permission: 'contents' }

export async function shaOf(world: World, repository: Repository, ref: string): Promise<string> {
  const sha = await resolveRef(directoryOf(world, repository), ref)
  return need(sha, 422, `No commit found for SHA: ${ref}`)
}

export function addCommits(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/commits', async call => {
    const repository = repositoryOf(call, contents)
    const sha = await shaOf(call.world, repository, call.query.get('sha') ?? repository.defaultBranch)
    const commits = await readCommits(directoryOf(call.world, repository), [sha], 5000)
    return pageOf(call, commits).map(commit => formatCommit(call.world, repository, commit))
  })
  routes.add('GET', '/repos/:owner/:repo/commits/:ref/pulls', async call => {
    const repository = repositoryOf(call, { permission: ['pull_requests', 'contents'] })
    const sha = await shaOf(call.world, repository, call.params.ref)
    const pulls = pageOf(call, await pullsWith(call.world, repository, sha))
    return Promise.all(pulls.map(issue => formatPull(call.world, repository, issue)))
  })
  addComments(routes)
  addStatuses(routes)
  routes.add('GET', '/repos/:owner/:repo/compare/:range*', async call => {
    const repository = repositoryOf(call, contents)
    return compare(call.world, repository, call.params.range)
  })
}

/** Last, because its `ref` may hold slashes. */
export function addSingleCommit(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/commits/:ref*', async call => {
    const repository = repositoryOf(call, contents)
    const sha = await shaOf(call.world, repository, call.params.ref)
    if (/vnd\.github\.(v3\.)?sha/.test(call.headers.accept ?? '')) {
      return new Reply(200, sha, { 'Content-Type': 'application/vnd.github.sha; charset=utf-8' })
    }
    const directory = directoryOf(call.world, repository)
    const commit = await readCommit(directory, sha)
    const files = await diffFiles(directory, parentOrEmpty(commit), sha)
    return { ...formatCommit(call.world, repository, commit), stats: statsOf(files), files }
  })
}

function statsOf(files: DiffFile[]) {
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  return { additions, deletions, total: additions + deletions }
}

async function pullsWith(world: World, repository: Repository, sha: string) {
  const found = []
  for (const issue of pullsOf(repository)) {
    const { base, head, mergeCommitSha } = issue.pull
    const shas = await listShas(directoryOf(world, repository), [`${base.sha}..${head.sha}`])
    if (mergeCommitSha === sha || shas.includes(sha)) found.push(issue)
  }
  return found
}

async function compare(world: World, repository: Repository, range: string) {
  const [from = '', to = ''] = range.split('...')
  const directory = directoryOf(world, repository)
  const base = need(await resolveRef(directory, from))
  const head = need(await resolveAcross(world, repository, to))
  const shared = need(await mergeBase(directory, base, head), 404, 'No common ancestor')
  const ahead = (await readCommits(directory, [`${base}..${head}`], 250)).reverse()
  const behind = (await listShas(directory, [`${head}..${base}`])).length
  return {
    url: `${world.apiUrl}/repos/${fullName(repository)}/compare/${range}`,
    status: statusOf(base === head, ahead.length, behind),
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    base_commit: formatCommit(world, repository, await readCommit(directory, base)),
    merge_base_commit: formatCommit(world, repository, await readCommit(directory, shared)),
    commits: ahead.map(commit => formatCommit(world, repository, commit)),
    files: (await diffFiles(directory, shared, head)).slice(0, 300),
  }
}

function statusOf(identical: boolean, ahead: number, behind: number): string {
  if (identical) return 'identical'
  if (ahead > 0 && behind > 0) return 'diverged'
  return ahead > 0 ? 'ahead' : 'behind'
}

/** `owner:branch` names a branch of a fork, whose commit is fetched here to be compared. */
async function resolveAcross(world: World, repository: Repository, name: string): Promise<string | null> {
  const colon = name.indexOf(':')
  if (colon < 0) return resolveRef(directoryOf(world, repository), name)
  const owner = name.slice(0, colon)
  const fork = world.state.repositories.find(
    other => other.owner === owner && (other === repository || other.forkOf === repository.id),
  )
  const sha = fork && (await resolveRef(directoryOf(world, fork), name.slice(colon + 1)))
  if (fork && sha && fork !== repository) {
    await fetchCommit(directoryOf(world, fork), directoryOf(world, repository), sha)
  }
  return sha ?? null
}

const commentSchema = z.object({
  body: z.string(),
  path: z.string().nullish(),
  line: z.number().nullish(),
  position: z.number().nullish(),
})

function addComments(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/commits/:ref/comments', async call => {
    const repository = repositoryOf(call, contents)
    const sha = await shaOf(call.world, repository, call.params.ref)
    const comments = repository.commitComments.filter(comment => comment.sha === sha)
    return pageOf(call, comments).map(comment => formatCommitComment(call.world, repository, comment))
  })
  routes.add('POST', '/repos/:owner/:repo/commits/:ref/comments', async call => {
    const repository = repositoryOf(call, contents)
    const sha = await shaOf(call.world, repository, call.params.ref)
    const { body, path = null, line = null, position = null } = bodyOf(call, commentSchema)
    const place = { sha, path, line, position }
    const comment = addCommitComment(call.world, repository, place, body, authorOf(call))
    return created(formatCommitComment(call.world, repository, comment))
  })
  routes.add('GET', '/repos/:owner/:repo/comments/:id', call => {
    const repository = repositoryOf(call, contents)
    return formatCommitComment(call.world, repository, byId(repository.commitComments, call.params.id))
  })
}

const statusSchema = z.object({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().default('default'),
  description: z.string().max(140).nullish(),
  target_url: z.string().nullish(),
})

function addStatuses(routes: ApiRoutes): void {
  routes.add('POST', '/repos/:owner/:repo/statuses/:sha', async call => {
    const repository = repositoryOf(call, { permission: 'statuses', access: 'write' })
    const sha = await shaOf(call.world, repository, call.params.sha)
    const wanted = bodyOf(call, statusSchema)
    const status = {
      id: nextId(call.world),
      sha,
      state: wanted.state,
      context: wanted.context,
      description: wanted.description ?? null,
      targetUrl: wanted.target_url ?? null,
      login: actorOf(call),
      createdAt: now(),
    }
    repository.statuses.push(status)
    call.world.save()
    return created({ ...status, target_url: status.targetUrl, created_at: status.createdAt })
  })
  routes.add('GET', '/repos/:owner/:repo/commits/:ref/status', async call => {
    const repository = repositoryOf(call, { permission: 'statuses' })
    const sha = await shaOf(call.world, repository, call.params.ref)
    const all = repository.statuses.filter(status => status.sha === sha)
    const latest = [...new Map(all.map(status => [status.context, status])).values()]
    return {
      sha,
      state: combined(latest.map(status => status.state)),
      total_count: latest.length,
      statuses: latest,
    }
  })
}

function combined(states: string[]): string {
  if (states.some(state => state === 'error' || state === 'failure')) return 'failure'
  return states.length > 0 && states.every(state => state === 'success') ? 'success' : 'pending'
}
