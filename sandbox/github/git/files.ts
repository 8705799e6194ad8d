// Reads files and folders of a commit, and packs a commit into an archive.
import { spawn } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { git, gitEnvironment, gitOrNull, runGit } from './run.ts'

export type Entry = {
  name: string
  type: 'file' | 'dir' | 'symlink' | 'submodule'
  sha: string
  size: number
}

/** Paths come from callers: no absolute ones, no `..`, nothing git would read as an option. */
export function isPlainPath(path: string): boolean {
  return !/(^|\/)\.\.?(\/|$)|^[/-]|\0|\/\//.test(path)
}

export function kindOf(directory: string, sha: string, path: string): Promise<string | null> {
  return gitOrNull(directory, ['cat-file', '-t', `${sha}:${path}`])
}

export async function readFileAt(directory: string, sha: string, path: string): Promise<Buffer> {
  return (await runGit(directory, ['cat-file', 'blob', `${sha}:${path}`])).stdout
}

export function blobSha(directory: string, sha: string, path: string): Promise<string> {
  return git(directory, ['rev-parse', '--verify', '--end-of-options', `${sha}:${path}`])
}

export async function listFolder(directory: string, sha: string, path: string): Promise<Entry[]> {
  const text = await git(directory, ['ls-tree', '-l', '-z', '--end-of-options', `${sha}:${path}`])
  return text
    .split('\0')
    .filter(line => line !== '')
    .map(toEntry)
}

function toEntry(line: string): Entry {
  const [meta = '', name = ''] = line.split('\t')
  const [mode = '', , sha = '', size = ''] = meta.split(/ +/)
  const types: Record<string, Entry['type']> = { '040000': 'dir', '120000': 'symlink', '160000': 'submodule' }
  return { name, sha, size: Number(size) || 0, type: types[mode] ?? 'file' }
}

export type ArchiveFormat = 'tar.gz' | 'zip'

export async function sendArchive(
  directory: string,
  sha: string,
  prefix: string,
  format: ArchiveFormat,
  response: ServerResponse,
): Promise<void> {
  const type = format === 'zip' ? 'application/zip' : 'application/x-gzip'
  const filename = `${prefix}.${format}`
  response.writeHead(200, { 'Content-Type': type, 'Content-Disposition': `attachment; filename=${filename}` })
  const args = ['archive', `--format=${format}`, `--prefix=${prefix}/`, '--end-of-options', sha]
  const child = spawn('git', args, {
    cwd: directory,
    env: gitEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // A caller that hangs up is its own business; git ends with its pipe.
  await pipeline(child.stdout, response).catch(() => child.kill())
}
