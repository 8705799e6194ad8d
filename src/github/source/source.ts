// Source (builds/ports.ts) over GitHub's API: nothing of git runs here. All it returns is a stranger's input.
import type { Commit, Pull, RepositoryRef, Source } from '../../builds/ports.ts'
import { AppError } from '../../errors.ts'
import { attempt, orNull } from '../client/api-error.ts'
import type { Octokit } from '../client/client.ts'
import { download, readText } from './download.ts'
import { readTree } from './tree.ts'

type Repos = Pick<Octokit['rest']['repos'], 'getBranch' | 'listCommits'>
interface Api {
  rest: { repos: Repos; pulls: Pick<Octokit['rest']['pulls'], 'get'> }
  request: Octokit['request']
}
interface Deps {
  octokitFor(installationId: number): Promise<Api>
}

/** The largest gzipped tarball that is fetched; a project beyond it belongs in a build of its own. */
const maxTarballBytes = 512 * 1024 * 1024

/** `url`: where its repositories are for people, such as https://github.com. */
export function createSource({ octokitFor }: Deps, url: string): Source {
  const apiOf = (repository: RepositoryRef) => octokitFor(repository.installationId)
  return {
    url,
    head: async (repository, branch) => readHead(await apiOf(repository), repository, branch),
    pull: async (repository, number) => readPull(await apiOf(repository), repository, number),
    file: async (repository, sha, path, maxBytes) =>
      readFile(await apiOf(repository), repository, sha, path, maxBytes),
    tree: async (repository, sha) => readTree(await apiOf(repository), repository, sha),
    tarball: async (repository, sha, to, signal) =>
      readTarball(await apiOf(repository), repository, sha, to, signal),
  }
}

const place = ({ owner, name }: RepositoryRef) => ({ owner, repo: name })
const called = ({ owner, name }: RepositoryRef) => `${owner}/${name}`

async function readHead(api: Api, repository: RepositoryRef, branch: string): Promise<Commit | null> {
  const what = `Reading branch ${branch} of ${called(repository)}`
  const found = await orNull(what, () => api.rest.repos.getBranch({ ...place(repository), branch }))
  // A renamed branch answers with a redirect to its new name: that is another branch.
  if (!found || found.data.name !== branch) return null
  return toCommit(found.data.commit)
}

async function readPull(api: Api, repository: RepositoryRef, number: number): Promise<Pull | null> {
  const what = `Reading pull request ${number} of ${called(repository)}`
  const found = await orNull(what, () => api.rest.pulls.get({ ...place(repository), pull_number: number }))
  if (!found) return null
  const { state, merged, title, user, head, base, updated_at } = found.data
  const [commit] = (
    await orNull(what, () => api.rest.repos.listCommits({ ...place(repository), sha: head.sha, per_page: 1 }))
  )?.data ?? [null]
  return {
    number,
    open: state === 'open',
    merged,
    title,
    author: user?.login ?? 'ghost',
    updatedAt: new Date(updated_at),
    head: {
      ...(commit ? toCommit(commit) : { message: '', author: '' }),
      sha: head.sha,
      branch: head.ref,
      // The fork may have been deleted since: then there is no repository at all, and it is not ours either.
      fromFork: head.repo?.id !== base.repo.id,
    },
    baseBranch: base.ref,
  }
}

interface ApiCommit {
  sha: string
  commit: { message: string; author: { name?: string } | null }
  author: { login?: string } | object | null
}

function toCommit({ sha, commit, author }: ApiCommit): Commit {
  const login = author && 'login' in author && typeof author.login === 'string' ? author.login : null
  return {
    sha,
    message: commit.message.split('\n')[0]?.slice(0, 500) ?? '',
    author: login ?? commit.author?.name ?? '',
  }
}

async function readFile(
  api: Api,
  repository: RepositoryRef,
  sha: string,
  path: string,
  maxBytes: number,
): Promise<string | null> {
  const what = `Reading ${path} of ${called(repository)} at ${sha}`
  const found = await orNull(what, () =>
    api.request('GET /repos/{owner}/{repo}/contents/{path}', {
      ...place(repository),
      path,
      ref: sha,
      mediaType: { format: 'raw' },
      request: { parseSuccessResponseBody: false },
    }),
  )
  if (!found) return null
  // A folder, or a submodule, is described in JSON although raw bytes were asked for.
  const isListing = /^application\/json\b/.test(found.headers['content-type'] ?? '')
  const text = await readText(found.data, isListing ? 0 : maxBytes)
  if (isListing) return null
  if (text === null) {
    throw new AppError('too_large', `${what}: it is larger than ${maxBytes} bytes; make it smaller.`)
  }
  return text
}

async function readTarball(
  api: Api,
  repository: RepositoryRef,
  sha: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  await attempt(`Fetching ${called(repository)} at ${sha}`, async () => {
    const { status, headers, data } = await api.request('GET /repos/{owner}/{repo}/tarball/{ref}', {
      ...place(repository),
      ref: sha,
      request: { redirect: 'manual', parseSuccessResponseBody: false, signal },
    })
    // The address it redirects to carries its own short-lived key; our token is for the API and goes nowhere else.
    const answer = status >= 300 ? await fetchPlainly(headers.location, signal) : data
    await download(answer, to, maxTarballBytes, signal)
  })
}

async function fetchPlainly(location: string | undefined, signal: AbortSignal): Promise<unknown> {
  if (!location) throw new AppError('unavailable', 'GitHub redirected to nowhere')
  const response = await fetch(location, { signal, redirect: 'follow' })
  if (!response.ok) throw new AppError('unavailable', `the archive's host answered ${response.status}`)
  return response.body
}
