// The code of versions on this machine's disk, a folder each: the files its lists name, as links to the blobs they share.
// Written aside and renamed, so a folder is whole or absent; checked once by each process.
import { randomUUID } from 'node:crypto'
import { constants, copyFile, link, mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type BundleIndex, type IndexedFile, readIndex } from '../builds/bundle-index.ts'
import type { ArtifactStore } from '../builds/ports.ts'
import { type Blobs, createBlobs } from './blobs.ts'

/** A version's code on the disk. */
export interface Code {
  folder: string
  /** The file to load. */
  entry: string
}

export interface BundleCache {
  /** @throws what the store throws, or when an artifact is not what its digest says. */
  fetch(bundleDigest: string, sourceMapDigest: string): Promise<Code>
}

const filesAtOnce = 16

export function createBundleCache(folder: string, artifacts: Pick<ArtifactStore, 'get'>): BundleCache {
  const blobs = createBlobs(path.join(folder, 'blobs'), artifacts)
  const checked = new Map<string, Promise<Code>>()
  return {
    fetch(bundleDigest, sourceMapDigest) {
      const key = `${bundleDigest}-${sourceMapDigest}`
      const known = checked.get(key)
      if (known) return known
      const fetching = materialise(path.join(folder, key), bundleDigest, sourceMapDigest, blobs)
      checked.set(key, fetching)
      // A failure is the world's (no disk, no store) and may be over at the next try.
      fetching.catch(() => checked.delete(key))
      return fetching
    },
  }
}

async function materialise(
  place: string,
  bundleDigest: string,
  sourceMapDigest: string,
  blobs: Blobs,
): Promise<Code> {
  const { entry, files } = await readContent(bundleDigest, sourceMapDigest, blobs)
  const isWhole = () => allOf(files, one => blobs.has(path.join(place, one.path), one.digest))
  const code = { folder: place, entry: path.join(place, entry) }
  if (await isWhole()) return code
  const aside = `${place}.${randomUUID()}.tmp`
  await mkdir(aside, { recursive: true })
  try {
    await allOf(files, one => put(one, aside, blobs))
    await rm(place, { recursive: true, force: true }) // damaged, or it would have been whole
    await rename(aside, place)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    // Another process of this machine was quicker.
    if (!(await isWhole())) throw error
  }
  return code
}

type Content = BundleIndex & { entry: string }

async function readContent(bundleDigest: string, sourceMapDigest: string, blobs: Blobs): Promise<Content> {
  const read = async (digest: string) => readFile(await blobs.fetch(digest))
  const [bundle, sourceMap] = await Promise.all([read(bundleDigest), read(sourceMapDigest)])
  const code = readIndex(bundle)
  const maps = readIndex(sourceMap)
  if (code) {
    const { entry, files } = code
    if (entry === undefined || !files.some(one => one.path === entry))
      throw new Error(`artifact ${bundleDigest} lists no file to load. Build its commit again.`)
    return { entry, files: [...files, ...(maps?.files ?? [])] }
  }
  // A version made when a bundle was one file.
  return {
    entry: bundleName,
    files: [
      { path: bundleName, digest: bundleDigest },
      { path: linkedName(bundle), digest: sourceMapDigest },
    ],
  }
}

async function put({ path: name, digest, executable }: IndexedFile, folder: string, blobs: Blobs) {
  const blob = await blobs.fetch(digest, executable)
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  // Not every file system has links, nor any number of them.
  await link(blob, file).catch(() => copyFile(blob, file, constants.COPYFILE_EXCL))
  return true
}

/** A version may have a thousand files: some at a time. Ends at the first that does not hold. */
async function allOf(
  files: readonly IndexedFile[],
  holds: (file: IndexedFile) => Promise<boolean>,
): Promise<boolean> {
  for (let from = 0; from < files.length; from += filesAtOnce) {
    const held = await Promise.all(files.slice(from, from + filesAtOnce).map(holds))
    if (held.includes(false)) return false
  }
  return true
}

const bundleName = 'bundle.mjs'

/** The file name in the bundle's last `sourceMappingURL` comment; never a path of the bundle's choosing. */
function linkedName(bundle: Buffer): string {
  const end = bundle.subarray(-1_000).toString('utf8')
  const linked = [...end.matchAll(/^\/\/# sourceMappingURL=([\w.-]+)\s*$/gm)].at(-1)?.[1]
  return linked && linked !== bundleName && /\w/.test(linked) ? linked : `${bundleName}.map`
}
