// The bundled packages among what functions run: taken from where they are kept. Pure.
import path from 'node:path'
import { type Bundle, type BundledFile, bundlesOf, type Written } from '../bundling/outputs.ts'
import type { Placed } from './cache.ts'

export function placePackages(
  files: string[],
  own: ReadonlyMap<string, Written>,
  { files: packages, folder: kept }: Placed,
  folder: string,
): Bundle[] {
  const all = new Map(own)
  for (const [name, one] of Object.entries(packages)) all.set(name, { ...one, modules: [] })
  const placed = (file: BundledFile): BundledFile =>
    file.path.replace(/\.map$/, '') in packages ? { ...file, from: path.join(kept, file.path) } : file
  return bundlesOf(files, all, folder).map(bundle => ({
    ...bundle,
    files: bundle.files.map(placed),
    sourceMaps: bundle.sourceMaps.map(placed),
  }))
}
