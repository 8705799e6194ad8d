// What the builder needs from outside: the bytes of a commit, and a place for artifacts. github/source/source.ts and artifacts/
// implement them; builds/ knows neither.

export interface RepositoryRef {
  id: number
  installationId: number
  owner: string
  name: string
}

export interface Commit {
  sha: string
  /** The first line of its message. */
  message: string
  author: string
}

export interface Pull {
  number: number
  open: boolean
  merged: boolean
  title: string
  author: string
  /** By the host's clock, never earlier than the push that made the head what it is. */
  updatedAt: Date
  head: Commit & { branch: string; fromFork: boolean }
  baseBranch: string
}

/** A file, a link or a submodule of a commit, as git names it. */
export interface TreeEntry {
  path: string
  /** git's: 100644, 100755, 120000 for a link, 160000 for a submodule. */
  mode: string
  sha: string
}

/** A repository as the host of the code has it now. Everything it returns is a stranger's input. */
export interface Source {
  /** Where its repositories have their addresses, such as https://github.com. */
  url: string
  /** The commit a branch stands at; null: there is no such branch. */
  head(repository: RepositoryRef, branch: string): Promise<Commit | null>
  pull(repository: RepositoryRef, number: number): Promise<Pull | null>
  /** The text of a file at a commit; null: there is none. Files over `maxBytes` are refused. */
  file(repository: RepositoryRef, sha: string, path: string, maxBytes: number): Promise<string | null>
  /** Everything a commit holds, folders apart; null: the host would not say all of it. */
  tree(repository: RepositoryRef, sha: string): Promise<TreeEntry[] | null>
  /** Writes the commit's gzipped tarball to the file `to`; its one top folder is the host's and means nothing. */
  tarball(repository: RepositoryRef, sha: string, to: string, signal: AbortSignal): Promise<void>
}

/** Blobs named by their digest (sha256, hex): written once, never changed. */
export interface ArtifactStore {
  put(content: Uint8Array): Promise<string>
  /** Whether it is known to be there. False: put it, it may be there all the same. */
  has(digest: string): Promise<boolean>
  /** @throws AppError `not_found`, or `internal` when the content no longer has its digest. */
  get(digest: string): Promise<Buffer>
  delete(digest: string): Promise<void>
}
