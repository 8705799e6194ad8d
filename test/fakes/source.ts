// A Source over a real git repository on this machine: commits are made of the given files, tarballs by git archive.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Commit, Source, TreeEntry } from '../../src/builds/ports.ts'
import { AppError } from '../../src/errors.ts'

const run = promisify(execFile)

export interface GitSource extends Source {
  /** Of the repository on this machine. */
  folder: string
  /** Commits to main; null removes a file. Resolves to the commit's sha. */
  commit(files: Record<string, string | null>): Promise<string>
  /** Makes the folder a submodule at that commit, in the next commit. */
  link(path: string, sha: string): Promise<void>
  /** How many tarballs were asked for. */
  readonly fetched: number
  /** How many trees were asked for. */
  readonly treesRead: number
  /** The next tarball fails with this. */
  failNext(error: Error): void
  remove(): Promise<void>
}

function toEntry(line: string): TreeEntry {
  const [, mode = '', sha = '', path = ''] = /^(\d+) \w+ (\w+)\t(.+)$/s.exec(line) ?? []
  return { path, mode, sha }
}

export async function createGitSource(): Promise<GitSource> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-repository-'))
  await run('git', ['-C', folder, 'init', '-q', '-b', 'main'])
  return openGitSource(folder)
}

/** Over a repository that another process made. */
export function openGitSource(folder: string): GitSource {
  const git = async (...args: string[]) =>
    (await run('git', ['-C', folder, '-c', 'user.name=ada', '-c', 'user.email=ada@example.com', ...args]))
      .stdout
  const state: { fetched: number; treesRead: number; failure: Error | null } = {
    fetched: 0,
    treesRead: 0,
    failure: null,
  }

  async function read(revision: string): Promise<Commit | null> {
    try {
      const [sha = '', author = '', message = ''] = (
        await git('log', '-1', '--format=%H%n%an%n%s', revision)
      ).split('\n')
      return { sha, author, message }
    } catch {
      return null
    }
  }

  return {
    url: 'https://git.example.com',
    folder,
    head: (_repository, branch) => read(`refs/heads/${branch}`),
    pull: async () => null,
    async file(_repository, sha, name) {
      return git('show', `${sha}:${name}`).catch(() => null)
    },
    async tree(_repository, sha) {
      state.treesRead += 1
      const lines = (await git('ls-tree', '-r', '-z', sha)).split('\0')
      return lines.filter(line => line !== '').map(toEntry)
    },
    async tarball(_repository, sha, to, signal) {
      state.fetched += 1
      const { failure } = state
      state.failure = null
      if (failure) throw failure
      signal.throwIfAborted()
      if ((await read(sha)) === null) throw new AppError('not_found', `There is no commit ${sha}.`)
      await git('archive', '--format=tar.gz', `--prefix=ada-shop-${sha.slice(0, 7)}/`, '-o', to, sha)
    },
    async commit(files) {
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(folder, name)
        await mkdir(path.dirname(file), { recursive: true })
        if (content === null) await rm(file)
        else await writeFile(file, content)
      }
      await git('add', '-A', '--force')
      await git('commit', '-q', '--allow-empty', '-m', 'a change')
      return (await git('rev-parse', 'HEAD')).trim()
    },
    async link(name, sha) {
      await mkdir(path.join(folder, name), { recursive: true })
      await git('update-index', '--add', '--cacheinfo', `160000,${sha},${name}`)
    },
    get fetched() {
      return state.fetched
    },
    get treesRead() {
      return state.treesRead
    },
    failNext(error) {
      state.failure = error
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
