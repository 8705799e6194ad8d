// The packages that a build asks for: taken from the cache, or bundled in the build's own folder. They are kept only once it is
// known that none of them has to be shipped instead: so what the cache has need not be looked at again.
import path from 'node:path'
import type { Metafile } from 'esbuild'
import { builderVersion } from '../builder-version.ts'
import { bundling } from '../bundling/code.ts'
import { digestOf } from '../bundling/code-digest.ts'
import { missingIn } from '../bundling/missing.ts'
import type { ProjectBundler } from '../bundling/project-bundler.ts'
import type { Hear, Learned } from '../shipping/bundle-shipping.ts'
import { shippedFolders } from '../shipping/notes.ts'
import type { Tools } from '../tools.ts'
import { findPrebundled, type Placed } from './cache.ts'
import { bundlePackages, type Refused, type Together } from './package-bundles.ts'
import type { Names, Prebundled } from './prebundled.ts'

export type Prebundling = Placed & {
  /** What was bundled, as far as it was now. */
  inputs: Metafile['inputs']
}

export async function prebundle(
  asked: ReadonlyMap<string, Names>,
  { source, tree }: { source: string; tree: string },
  { notes, hear, plugin }: Learned,
  { aliases, pluginsFor }: ProjectBundler,
  tools: Tools,
): Promise<Prebundling | Refused | Together> {
  const shipped = [...shippedFolders(notes)].sort()
  const key = digestOf([builderVersion, bundling, [...asked], aliases, shipped, notes.missing])
  const found = await findPrebundled(tree, key)
  if (found) {
    for (const { by, ...one } of found.asked) hear(one, by)
    return { ...found, inputs: {} }
  }
  const heard: Prebundled['asked'] = []
  const hearToo: Hear = (one, by) => {
    heard.push({ ...one, by })
    hear(one, by)
  }
  const plugins = pluginsFor({ shipping: plugin(hearToo), missing: notes.missing })
  const scratch = path.join(tools.workspace.root, 'packages', key)
  const folder = path.join(scratch, 'bundled')
  const install = { source, tree, scratch, installs: path.relative(source, tree), aliases }
  const made = await bundlePackages(asked, install, plugins, folder, tools.signal)
  if ('why' in made) return made
  // Names that packages ask for in vain: once they are known, all this is done again.
  if ('errors' in made)
    return missingIn(made.errors).some(name => !notes.missing.includes(name))
      ? made
      : { why: made.errors[0]?.text ?? '' }
  tools.say(`Bundled ${asked.size} files of packages, for this and later builds`)
  const files = Object.fromEntries([...made.written].map(([name, { modules: _, ...one }]) => [name, one]))
  return { packages: made.packages, files, asked: heard, key, folder, inputs: made.metafile.inputs }
}
