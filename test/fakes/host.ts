// A host of code in memory: branches, pull requests and files that a test moves. For what only asks where heads stand; the
// builder's tests read real git.
import type { Commit, Pull, Source, TreeEntry } from '../../src/builds/ports.ts'

export interface Host extends Source {
  branches: Map<string, Commit>
  pulls: Map<number, Pull>
  /** By `sha:path`. */
  files: Map<string, string>
  /** By sha; a commit without one is too large for the host to list. */
  trees: Map<string, TreeEntry[]>
  /** How many trees were asked for. */
  readonly treesRead: number
  /** Called at each look at a branch, with how many looks there were before it. */
  onLook: (looks: number) => void
}

export const commit = (sha: string): Commit => ({
  sha: sha.padEnd(40, '0'),
  message: `commit ${sha}`,
  author: 'alice',
})

export function createHost(): Host {
  let looks = 0
  let treesRead = 0
  const host: Host = {
    url: 'https://git.example.com',
    branches: new Map(),
    pulls: new Map(),
    files: new Map(),
    trees: new Map(),
    onLook: () => {},
    async head(_repository, branch) {
      const head = host.branches.get(branch) ?? null
      host.onLook(looks++)
      return head
    },
    pull: async (_repository, number) => host.pulls.get(number) ?? null,
    file: async (_repository, sha, path) => host.files.get(`${sha}:${path}`) ?? null,
    async tree(_repository, sha) {
      treesRead += 1
      return host.trees.get(sha) ?? null
    },
    get treesRead() {
      return treesRead
    },
    async tarball() {
      throw new Error('this host has no tarballs')
    },
  }
  return host
}
