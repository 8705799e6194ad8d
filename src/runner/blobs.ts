// Artifacts on this machine's disk, each under its digest: versions link to them, so that what thirty of them share lies here
// once. Written aside and renamed; whatever an earlier process left is read and checked once before it is used.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ArtifactStore } from '../builds/ports.ts'

export interface Blobs {
  /** The file with that content. @throws what the store throws, or when an artifact is not what its digest says. */
  fetch(digest: string, executable?: boolean): Promise<string>
  /** Whether the file is there and has that content. */
  has(file: string, digest: string): Promise<boolean>
}

export function createBlobs(folder: string, artifacts: Pick<ArtifactStore, 'get'>): Blobs {
  const checked = new Map<string, Promise<string>>()
  const digests = new Map<string, string>()

  /** A link has the inode of what it links to: content is read once, under however many names it lies. */
  async function has(file: string, digest: string): Promise<boolean> {
    const found = await stat(file).catch(() => null)
    if (!found?.isFile()) return false
    const key = [found.dev, found.ino, found.size, found.mtimeMs].join(' ')
    const known = digests.get(key) ?? digestOf(await readFile(file))
    digests.set(key, known)
    return known === digest
  }

  async function materialise(digest: string, executable: boolean): Promise<string> {
    const place = path.join(folder, digest.slice(0, 2))
    // The bit belongs to the file and not to its name: with it and without it there are two.
    const file = path.join(place, executable ? `${digest}.executable` : digest)
    if (await has(file, digest)) return file
    const content = await artifacts.get(digest)
    if (digestOf(content) !== digest)
      throw new Error(`artifact ${digest} has other content than its digest says`)
    const aside = `${file}.${randomUUID()}.tmp`
    await mkdir(place, { recursive: true })
    try {
      await writeFile(aside, content, { mode: executable ? 0o555 : 0o444 })
      await rename(aside, file)
    } finally {
      await rm(aside, { force: true })
    }
    return file
  }

  return {
    has,
    fetch(digest, executable = false) {
      const key = `${digest} ${executable}`
      const known = checked.get(key)
      if (known) return known
      const fetching = materialise(digest, executable)
      checked.set(key, fetching)
      // A failure is the world's (no disk, no store) and may be over at the next try.
      fetching.catch(() => checked.delete(key))
      return fetching
    },
  }
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
