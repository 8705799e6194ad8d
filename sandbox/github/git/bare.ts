// Bare repositories and their refs. One folder per repository, named by its id, so a rename moves nothing.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, gitOrNull, runGit, zeroSha } from './run.ts'

export type Ref = { name: string; sha: string }

/** `--shared=0700` makes git set modes itself, whatever the umask. */
export async function createBare(directory: string): Promise<void> {
  makeDirectory(directory)
  await git(directory, ['init', '--quiet', '--bare', '--shared=0700', '--initial-branch=main'])
  // In the repository, because a local fetch starts upload-pack without our environment.
  await git(directory, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
}

export function makeDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o700)
}

/** A post-receive hook that writes "old new ref" lines where the server will read them. */
export function writeHooks(directory: string): void {
  makeDirectory(directory)
  const hook = join(directory, 'post-receive')
  writeFileSync(hook, '#!/bin/sh\ncat > "$SANDBOX_PUSH_FILE"\n')
  chmodSync(hook, 0o755)
}

export async function copyBranches(from: string, to: string): Promise<void> {
  await git(to, ['fetch', '--quiet', '--', from, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'])
}

/** Makes a commit of another repository known here, under `ref` if given. */
export async function fetchCommit(from: string, to: string, sha: string, ref?: string): Promise<void> {
  await git(to, ['fetch', '--quiet', '--no-tags', '--', from, ref ? `+${sha}:${ref}` : sha])
}

export async function listRefs(directory: string, prefix: string): Promise<Ref[]> {
  const text = await git(directory, ['for-each-ref', '--format=%(objectname) %(refname)', '--', prefix])
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => ({ sha: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }))
}

/** The commit a full ref or a (possibly short) sha names. */
export function commitOf(directory: string, revision: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
  return gitOrNull(directory, args)
}

/** What GitHub accepts as a ref in an address: a branch, a tag, a full ref or a sha; no revision expressions. */
export async function resolveRef(directory: string, ref: string): Promise<string | null> {
  if (!isPlainRef(ref)) return null
  const candidates = [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`, ref]
  for (const candidate of candidates) {
    if (candidate === ref && !/^(refs\/.+|HEAD|[0-9a-f]{7,64})$/i.test(ref)) continue
    const sha = await commitOf(directory, candidate)
    if (sha) return sha
  }
  return null
}

export function isPlainRef(ref: string): boolean {
  return ref !== '' && !/(^-|\.\.|@\{|[\s~^:?*[\\]|[^\x20-\uffff])/.test(ref)
}

/** Compare-and-set; false when the ref is no longer what the caller saw. `zeroSha` means absent on either side. */
export async function moveRef(directory: string, ref: string, to: string, from: string): Promise<boolean> {
  const args = to === zeroSha ? ['update-ref', '-d', '--', ref, from] : ['update-ref', '--', ref, to, from]
  return (await runGit(directory, args)).code === 0
}

export async function setHead(directory: string, branch: string): Promise<void> {
  await git(directory, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
}
