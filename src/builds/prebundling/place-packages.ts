// Lays what functions need of the bundled packages beside their bundles. Copied, because what loads the bundles is a stranger's
// code and the cache is of many builds.
import { constants, copyFile } from 'node:fs/promises'
import path from 'node:path'
import { type Bundle, type BundledFile, bundlesOf, type Written } from '../bundling/outputs.ts'
import { someAtOnce } from '../some-at-once.ts'
import type { Placed } from './cache.ts'

const filesAtOnce = 16

export async function placePackages(
  files: string[],
  own: ReadonlyMap<string, Written>,
  { files: packages, folder: kept }: Placed,
  folder: string,
): Promise<Bundle[]> {
  const all = new Map(own)
  for (const [name, one] of Object.entries(packages)) all.set(name, { ...one, modules: [] })
  const bundles = bundlesOf(files, all, folder)
  const needed = new Set(bundles.flatMap(one => one.files.map(file => file.path)))
  await someAtOnce(
    Object.keys(packages).filter(name => needed.has(name)),
    filesAtOnce,
    name => copyFile(path.join(kept, name), path.join(folder, name), constants.COPYFILE_FICLONE),
  )
  // Nobody who loads a bundle needs these.
  const mapOf = (file: BundledFile): BundledFile =>
    file.path.replace(/\.map$/, '') in packages ? { ...file, from: path.join(kept, file.path) } : file
  return bundles.map(bundle => ({ ...bundle, sourceMaps: bundle.sourceMaps.map(mapOf) }))
}
