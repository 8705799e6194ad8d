// Files of a commit over REST, changes to one file, and archives, which live behind a redirect as on GitHub.
import { basename } from 'node:path'
import * as z from 'zod'
import { HttpError, json, need, Reply, redirect } from '../../http/reply.ts'
import { issueCode } from '../apps.ts'
import { commitOf, moveRef, resolveRef } from '../git/bare.ts'
import { blobSha, isPlainPath, kindOf, listFolder, readFileAt } from '../git/files.ts'
import { git, zeroSha } from '../git/run.ts'
import { commitFile } from '../git/write.ts'
import { refsChanged } from '../pushes.ts'
import type { Repository } from '../state.ts'
import { directoryOf, findAccount, fullName, type World } from '../world.ts'
import { type ApiCall, type ApiRoutes, actorOf, bodyOf, repositoryOf } from './call.ts'

const contents = { permission: 'contents' }
const write = { permission: 'contents', access: 'write' } as const
type FileCall = ApiCall<'owner' | 'repo' | 'path'>

export function addContents(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/contents', call =>
    readContent(call, repositoryOf(call, contents), ''),
  )
  routes.add('GET', '/repos/:owner/:repo/contents/:path*', call =>
    readContent(call, repositoryOf(call, contents), call.params.path.replace(/\/+$/, '')),
  )
  routes.add('PUT', '/repos/:owner/:repo/contents/:path*', async call => {
    const { content, ...change } = bodyOf(call, putSchema)
    const commit = await commitChange(call, repositoryOf(call, write), {
      ...change,
      content: Buffer.from(content, 'base64'),
    })
    return json(change.sha ? 200 : 201, { content: { path: call.params.path }, commit })
  })
  routes.add('DELETE', '/repos/:owner/:repo/contents/:path*', async call => {
    const change = bodyOf(call, deleteSchema)
    return {
      content: null,
      commit: await commitChange(call, repositoryOf(call, write), { ...change, content: null }),
    }
  })
  addTrees(routes)
  addArchives(routes)
}

async function readContent(call: ApiCall<'owner' | 'repo'>, repository: Repository, path: string) {
  const directory = directoryOf(call.world, repository)
  const ref = call.query.get('ref') ?? repository.defaultBranch
  const sha = need(await resolveRef(directory, ref), 404, `No commit found for the ref ${ref}`)
  const kind = need(isPlainPath(path) && (await kindOf(directory, sha, path)))
  const url = `${call.world.apiUrl}/repos/${fullName(repository)}/contents/`
  if (kind === 'tree') {
    const entries = await listFolder(directory, sha, path)
    return entries.map(entry => {
      const full = path ? `${path}/${entry.name}` : entry.name
      return { ...entry, path: full, url: `${url}${full}?ref=${ref}` }
    })
  }
  const bytes = await readFileAt(directory, sha, path)
  if (/\.raw/.test(call.headers.accept ?? '')) {
    return new Reply(200, bytes, { 'Content-Type': 'application/vnd.github.v3.raw; charset=utf-8' })
  }
  return {
    type: 'file',
    encoding: 'base64',
    size: bytes.length,
    name: basename(path),
    path,
    content: bytes.toString('base64'),
    sha: await blobSha(directory, sha, path),
    url: `${url}${path}?ref=${ref}`,
  }
}

const deleteSchema = z.object({
  message: z.string(),
  branch: z.string().optional(),
  sha: z.string().optional(),
})
const putSchema = deleteSchema.extend({ content: z.string() })
type Change = z.infer<typeof deleteSchema> & { content: Buffer | null }

async function commitChange(call: FileCall, repository: Repository, change: Change) {
  const directory = directoryOf(call.world, repository)
  const { path } = call.params
  const ref = `refs/heads/${change.branch ?? repository.defaultBranch}`
  const parent = await commitOf(directory, ref)
  const known =
    parent && (await kindOf(directory, parent, path)) ? await blobSha(directory, parent, path) : undefined
  if (known && change.sha === undefined)
    throw new HttpError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
  if (known !== change.sha) throw new HttpError(409, `${path} does not match ${change.sha}`)
  const login = actorOf(call)
  const sha = await commitFile(directory, parent, {
    path,
    content: change.content,
    message: change.message,
    author: { name: findAccount(call.world, login)?.name ?? login, email: emailOf(call.world, login) },
  })
  if (!(await moveRef(directory, ref, sha, parent ?? zeroSha)))
    throw new HttpError(409, 'The branch has moved')
  await refsChanged(call.world, repository, [{ old: parent ?? zeroSha, new: sha, ref }], login)
  return { sha, message: change.message }
}

const emailOf = (world: World, login: string) => findAccount(world, login)?.email ?? `${login}@sandbox.test`

/** As GitHub: what is left out of a very large tree is missing at its end. */
const maxTreeEntries = 100_000

function addTrees(routes: ApiRoutes): void {
  routes.add('GET', '/repos/:owner/:repo/git/trees/:ref*', async call => {
    const directory = directoryOf(call.world, repositoryOf(call, contents))
    const sha = need(await resolveRef(directory, call.params.ref))
    const flags = call.query.get('recursive') ? ['-r', '-t'] : []
    const text = await git(directory, ['ls-tree', '-l', '-z', ...flags, '--end-of-options', sha])
    const all = text.split('\0').filter(line => line !== '')
    return {
      sha: await git(directory, ['rev-parse', '--verify', `${sha}^{tree}`]),
      tree: all.slice(0, maxTreeEntries).map(toTreeEntry),
      truncated: all.length > maxTreeEntries,
    }
  })
}

function toTreeEntry(line: string) {
  const [meta = '', path = ''] = line.split('\t')
  const [mode, type, sha, size = '-'] = meta.split(/ +/)
  return { path, mode, type, sha, ...(size === '-' ? {} : { size: Number(size) }) }
}

function addArchives(routes: ApiRoutes): void {
  const archives = { tarball: ['tar.gz', 'legacy.tar.gz'], zipball: ['zip', 'legacy.zip'] } as const
  for (const [name, [format, folder]] of Object.entries(archives)) {
    const answer = async (call: ApiCall<'owner' | 'repo'>, ref: string | null) => {
      const repository = repositoryOf(call, contents)
      const sha = need(await resolveRef(directoryOf(call.world, repository), ref ?? repository.defaultBranch))
      const token = issueCode(
        call.world,
        { kind: 'archive', repository: repository.id, sha, format },
        300_000,
      )
      const place = `${call.world.url}/_codeload/${fullName(repository)}/${folder}/${sha}`
      return redirect(`${place}?token=${token}`)
    }
    routes.add('GET', `/repos/:owner/:repo/${name}`, call => answer(call, null))
    routes.add('GET', `/repos/:owner/:repo/${name}/:ref*`, call => answer(call, call.params.ref))
  }
}
