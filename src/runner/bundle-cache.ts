// Bundles on this machine's disk, one folder a version's code: the bundle under its digest and, beside it, its source map
// under the name the bundle links. Written aside and renamed, so a folder is whole or absent; checked once by each process.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ArtifactStore } from '../builds/ports.ts'

export interface BundleCache {
  /** The bundle's file. @throws what the store throws, or when an artifact is not what its digest says. */
  fetch(bundleDigest: string, sourceMapDigest: string): Promise<string>
}

const bundleName = 'bundle.mjs'

export function createBundleCache(folder: string, artifacts: Pick<ArtifactStore, 'get'>): BundleCache {
  const checked = new Map<string, Promise<string>>()
  return {
    fetch(bundleDigest, sourceMapDigest) {
      const key = `${bundleDigest}-${sourceMapDigest}`
      const known = checked.get(key)
      if (known) return known
      const place = path.join(folder, key)
      const fetching = materialise(place, bundleDigest, sourceMapDigest, artifacts)
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
  artifacts: Pick<ArtifactStore, 'get'>,
): Promise<string> {
  const file = path.join(place, bundleName)
  if (await isWhole(file, bundleDigest)) return file
  const [bundle, sourceMap] = await Promise.all([artifacts.get(bundleDigest), artifacts.get(sourceMapDigest)])
  check(bundle, bundleDigest)
  check(sourceMap, sourceMapDigest)
  const aside = `${place}.${randomUUID()}.tmp`
  await mkdir(aside, { recursive: true })
  try {
    await writeFile(path.join(aside, bundleName), bundle)
    await writeFile(path.join(aside, linkedName(bundle)), sourceMap)
    await rm(place, { recursive: true, force: true }) // damaged, or it would have been whole
    await rename(aside, place)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    // Another process of this machine was quicker.
    if (!(await isWhole(file, bundleDigest))) throw error
  }
  return file
}

async function isWhole(file: string, digest: string): Promise<boolean> {
  if (!(await stat(file).catch(() => null))) return false
  return digestOf(await readFile(file)) === digest
}

function check(content: Buffer, digest: string): void {
  if (digestOf(content) !== digest)
    throw new Error(`artifact ${digest} has other content than its digest says`)
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The file name in the bundle's last `sourceMappingURL` comment; never a path of the bundle's choosing. */
function linkedName(bundle: Buffer): string {
  const end = bundle.subarray(-1_000).toString('utf8')
  const linked = [...end.matchAll(/^\/\/# sourceMappingURL=([\w.-]+)\s*$/gm)].at(-1)?.[1]
  return linked && linked !== bundleName && /\w/.test(linked) ? linked : `${bundleName}.map`
}
