// The functions' own code and the packages it asks for, each bundled by itself; all together where that is not possible. See
// README.md.
import type { Plugin } from 'esbuild'
import type { Bundled } from '../bundling/bundler.ts'
import { askedPackages, leaveOutPackages } from './asked-packages.ts'
import { createPackageFinder } from './find-package.ts'
import type { Refused } from './package-bundles.ts'
import type { Prebundling } from './prebundle.ts'
import type { Names } from './prebundled.ts'
import type { Places } from './remembered-places.ts'
import { standInForPackages } from './stand-ins.ts'

export type Apart = Bundled & {
  /** Null: everything is in the bundles. */
  packages: Prebundling | null
}

/** What a bundler needs: own code with a plugin for its packages, and the packages that are asked for. */
export interface Bundlers {
  source: string
  tree: string
  /** Where imports lead, as far as it is known. */
  places: Places
  own(packages: Plugin | null): Promise<Bundled>
  packages(asked: ReadonlyMap<string, Names>): Promise<Prebundling | Refused | null>
}

export async function bundleApart({ source, tree, places, own, packages }: Bundlers): Promise<Apart> {
  const find = createPackageFinder(source, tree, places)
  const outline = await own(leaveOutPackages(find))
  if (outline.errors.length > 0) return { ...(await own(null)), packages: null }
  const asked = askedPackages(outline)
  if (asked.size === 0) return { ...outline, packages: null }
  const bundled = await packages(asked)
  if (bundled && 'errors' in bundled) return { ...outline, errors: bundled.errors, packages: null }
  if (bundled === null) return { ...(await own(null)), packages: null }
  const made = await own(standInForPackages(find, bundled, source))
  if (made.errors.length > 0) return { ...(await own(null)), packages: null }
  const inputs = { ...bundled.inputs, ...made.metafile.inputs }
  return { ...made, metafile: { ...made.metafile, inputs }, packages: bundled }
}
