// The functions' own code and the packages it asks for, each bundled by itself; all together where that is not possible. See
// README.md.
import type { Plugin } from 'esbuild'
import type { Bundled } from '../bundling/bundler.ts'
import { askedPackages, leaveOutPackages } from './asked-packages.ts'
import { createPackageFinder } from './find-package.ts'
import type { Refused, Together } from './package-bundles.ts'
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
  packages(asked: ReadonlyMap<string, Names>): Promise<Prebundling | Refused | Together>
  say(text: string): void
}

export async function bundleApart(bundlers: Bundlers): Promise<Apart> {
  const { source, tree, places, own, packages } = bundlers
  const find = createPackageFinder(source, tree, places)
  const outline = await own(leaveOutPackages(find))
  if (outline.errors.length > 0) return bundleTogether(bundlers, outline.errors[0]?.text ?? '')
  const asked = askedPackages(outline)
  if (asked.size === 0) return { ...outline, packages: null }
  const bundled = await packages(asked)
  if ('errors' in bundled) return { ...outline, errors: bundled.errors, packages: null }
  if ('why' in bundled) return bundleTogether(bundlers, bundled.why)
  const made = await own(standInForPackages(find, bundled, source))
  if (made.errors.length > 0) return bundleTogether(bundlers, made.errors[0]?.text ?? '')
  const inputs = { ...bundled.inputs, ...made.metafile.inputs }
  return { ...made, metafile: { ...made.metafile, inputs }, packages: bundled }
}

/** What fails this way too is the failure. */
async function bundleTogether({ own, say }: Bundlers, why: string): Promise<Apart> {
  const made = await own(null)
  if (made.errors.length === 0) say(`Packages are bundled with the functions, at every push: ${why}`)
  return { ...made, packages: null }
}
