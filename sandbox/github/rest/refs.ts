// Branches, tags and refs over REST. Whatever moves here is pushed like any other change.
import * as z from 'zod'
import { created, HttpError, need, noContent } from '../../http/reply.ts'
import { commitOf, isPlainRef, listRefs, moveRef } from '../git/bare.ts'
import { isAncestor, readCommit } from '../git/commits.ts'
import { zeroSha } from '../git/run.ts'
import { formatCommit } from '../payloads/commit.ts'
import { refsChanged } from '../pushes.ts'
import type { Repository } from '../state.ts'
import { directoryOf, fullName, type World } from '../world.ts'
import { type ApiRoutes, actorOf, bodyOf, pageOf, repositoryOf } from './call.ts'

const contents = { permission: 'contents' }
const write = { permission: 'contents', access: 'write' } as const

export function addRefs(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/branches', async call => {
    const repository = repositoryOf(call, contents)
    const heads = await listRefs(directoryOf(call.world, repository), 'refs/heads')
    return pageOf(call, heads).map(head => ({
      name: head.name.slice('refs/heads/'.length),
      commit: { sha: head.sha, url: commitUrl(call.world, repository, head.sha) },
      protected: false,
    }))
  })
  routes.add('GET', '/repos/:owner/:repo/branches/:branch*', async call => {
    const repository = repositoryOf(call, contents)
    const directory = directoryOf(call.world, repository)
    const name = call.params.branch
    const sha = need(
      isPlainRef(`refs/heads/${name}`) && (await commitOf(directory, `refs/heads/${name}`)),
      404,
      'Branch not found',
    )
    const commit = formatCommit(call.world, repository, await readCommit(directory, sha))
    return { name, commit, protected: false }
  })
  routes.add('GET', '/repos/:owner/:repo/tags', async call => {
    const repository = repositoryOf(call, contents)
    const directory = directoryOf(call.world, repository)
    const tags = pageOf(call, await listRefs(directory, 'refs/tags'))
    return Promise.all(
      tags.map(async tag => {
        const sha = (await commitOf(directory, tag.name)) ?? tag.sha
        const name = tag.name.slice('refs/tags/'.length)
        return { name, commit: { sha, url: commitUrl(call.world, repository, sha) } }
      }),
    )
  })
  addGitRefs(routes)
}

function commitUrl(world: World, repository: Repository, sha: string): string {
  return `${world.apiUrl}/repos/${fullName(repository)}/commits/${sha}`
}

function formatRef(world: World, repository: Repository, ref: string, sha: string) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`
  return {
    ref,
    node_id: `REF_${ref}`,
    url: `${api}/git/${ref}`,
    object: { type: 'commit', sha, url: `${api}/git/commits/${sha}` },
  }
}

const newSchema = z.object({ ref: z.string().regex(/^refs\/(heads|tags)\/.+/), sha: z.string() })
const moveSchema = z.object({ sha: z.string(), force: z.boolean().default(false) })

function addGitRefs(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/git/ref/:ref*', async call => {
    const repository = repositoryOf(call, contents)
    const ref = `refs/${call.params.ref}`
    const sha = await commitOf(directoryOf(call.world, repository), plain(ref))
    return formatRef(call.world, repository, ref, need(sha))
  })
  routes.add('GET', '/repos/:owner/:repo/git/matching-refs/:ref*', async call => {
    const repository = repositoryOf(call, contents)
    const all = await listRefs(directoryOf(call.world, repository), 'refs')
    const matching = all.filter(ref => ref.name.startsWith(`refs/${call.params.ref}`))
    return pageOf(call, matching).map(ref => formatRef(call.world, repository, ref.name, ref.sha))
  })
  routes.add('POST', '/repos/:owner/:repo/git/refs', async call => {
    const repository = repositoryOf(call, write)
    const directory = directoryOf(call.world, repository)
    const { ref, sha } = bodyOf(call, newSchema)
    need(await commitOf(directory, plain(sha)), 422, 'Object does not exist')
    if (!(await moveRef(directory, plain(ref), sha, zeroSha)))
      throw new HttpError(422, 'Reference already exists')
    await refsChanged(call.world, repository, [{ old: zeroSha, new: sha, ref }], actorOf(call))
    return created(formatRef(call.world, repository, ref, sha))
  })
  routes.add('PATCH', '/repos/:owner/:repo/git/refs/:ref*', async call => {
    const repository = repositoryOf(call, write)
    const directory = directoryOf(call.world, repository)
    const ref = plain(`refs/${call.params.ref}`)
    const { sha, force } = bodyOf(call, moveSchema)
    const old = need(await commitOf(directory, ref), 422, 'Reference does not exist')
    need(await commitOf(directory, plain(sha)), 422, 'Object does not exist')
    if (!force && !(await isAncestor(directory, old, sha)))
      throw new HttpError(422, 'Update is not a fast forward')
    await moveRef(directory, ref, sha, old)
    await refsChanged(call.world, repository, [{ old, new: sha, ref }], actorOf(call))
    return formatRef(call.world, repository, ref, sha)
  })
  routes.add('DELETE', '/repos/:owner/:repo/git/refs/:ref*', async call => {
    const repository = repositoryOf(call, write)
    const directory = directoryOf(call.world, repository)
    const ref = plain(`refs/${call.params.ref}`)
    const old = need(await commitOf(directory, ref), 422, 'Reference does not exist')
    await moveRef(directory, ref, zeroSha, old)
    await refsChanged(call.world, repository, [{ old, new: zeroSha, ref }], actorOf(call))
    return noContent()
  })
}

function plain(ref: string): string {
  if (!isPlainRef(ref)) throw new HttpError(422, `${ref} is not a valid ref`)
  return ref
}
