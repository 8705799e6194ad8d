// Reading a stranger's files: only below the repository's folder, never through a link that leaves it, never too large.
import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'

const maxTextBytes = 64_000_000

/** The text of the file `name` (relative to `source`), or null where there is none inside the repository. */
export async function readText(source: string, name: string): Promise<string | null> {
  const file = await insideOrNull(source, name)
  if (file === null) return null
  const { size } = await lstat(file)
  return size > maxTextBytes ? null : readFile(file, 'utf8')
}

export async function isFile(source: string, name: string): Promise<boolean> {
  const file = await insideOrNull(source, name)
  return file !== null && (await lstat(file)).isFile()
}

export async function isFolder(source: string, name: string): Promise<boolean> {
  const file = await insideOrNull(source, name)
  return file !== null && (await lstat(file)).isDirectory()
}

/** The real path; null: nothing is there, or it is elsewhere. */
async function insideOrNull(source: string, name: string): Promise<string | null> {
  const file = await realpath(path.join(source, name)).catch(() => null)
  return file !== null && (file === source || file.startsWith(source + path.sep)) ? file : null
}

/** All files below the folder `from`, relative to `source`: links, node_modules and hidden folders apart. */
export async function listFiles(source: string, from: string): Promise<string[]> {
  const folders = [from]
  const files: string[] = []
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(path.join(source, folder), { withFileTypes: true })) {
      const name = folder === '.' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) files.push(name)
      else if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
        folders.push(name)
    }
  }
  return files
}

/** `from` and the folders above it up to the repository's, relative to it, innermost first. */
export function foldersUp(from: string): string[] {
  const parts = from === '.' ? [] : from.split('/')
  return [...parts.keys()].map(index => parts.slice(0, parts.length - index).join('/')).concat('.')
}

/** `folder/name`, without the folder where that is the repository's own. */
export function join(folder: string, name: string): string {
  return path.posix.join(folder, name)
}
