// How what was bundled asks for packages that are to be shipped: as the next attempt will ask, when they are left out. So what
// those need beside them is known without bundling everything once more to hear of it. Pure.
import type { Metafile } from 'esbuild'
import { packageFolder, type Root, splitSpecifier } from './packages.ts'
import { required } from './ship-plugin.ts'

interface Where {
  /** Of a file as the bundler names it: its path in the folder the dependencies are in. */
  pathOf(file: string): string
  /** Of such a path: whether it is an ES module. */
  isModule(file: string): boolean
}

export function asksIn(
  inputs: Metafile['inputs'],
  shipped: ReadonlySet<string>,
  { pathOf, isModule }: Where,
): Root[] {
  const asks = Object.entries(inputs).flatMap(([name, { imports }]) => {
    // What is shipped itself asks nobody of ours.
    if (shipped.has(packageFolder(pathOf(name)) ?? '')) return []
    return imports.flatMap(({ path, kind, external, original }): Root[] => {
      const file = pathOf(withoutStandIn(path))
      const folder = packageFolder(file)
      if (external || original === undefined || !bare.test(original)) return []
      if (folder === null || !shipped.has(folder)) return []
      const mode = !required.has(kind) && isModule(file) ? 'import' : 'require'
      return [{ mode, folder, subpath: splitSpecifier(original).subpath }]
    })
  })
  return asks
}

const bare = /^[^./]/

/** In the own code a module of ours stands for a package's file (prebundling/stand-ins.ts). */
function withoutStandIn(name: string): string {
  return /^package:(.+)\.package$/.exec(name)?.[1] ?? name
}
