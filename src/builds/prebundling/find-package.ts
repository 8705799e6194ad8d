// Where imports lead that go from the repository's own code into an installed package.
import { isBuiltin } from 'node:module'
import path from 'node:path'
import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild'
import { replaced } from '../bundling/aliases.ts'
import type { Place, Places } from './remembered-places.ts'

const looked = { by: 'prebundling' }
const bare = /^[^./]/
const code = /\.[cm]?[jt]sx?$/

/** `answer` is asked with the package's file, relative to the install; what leads elsewhere is left to the bundler. */
export type FindPackage = (
  build: PluginBuild,
  answer: (file: string, sideEffects: boolean) => OnResolveResult,
) => void

/** The own code is bundled twice in a build: what was found the first time holds for the second. */
export function createPackageFinder(source: string, tree: string, known: Places): FindPackage {
  const asking = new Map<string, Place | Promise<Place | null>>()
  return (build, answer) =>
    // Modules that we make up ask only for what we make up.
    build.onResolve({ filter: bare, namespace: 'file' }, async asked => {
      const { path: name, kind, resolveDir, pluginData } = asked
      // Asked by one of our plugins, and answering that one would never end; but a name that an alias stands for is asked for.
      if (pluginData !== undefined && pluginData !== replaced) return null
      if (kind === 'entry-point' || kind === 'require-resolve') return null
      if (isBuiltin(name)) return null
      const key = [kind, pluginData === replaced, name, path.relative(source, resolveDir)].join(' ')
      const finding = asking.get(key) ?? known.get(key) ?? find(build, asked, tree)
      asking.set(key, finding)
      const found = await finding
      if (found === null) return null // also where the build was ended meanwhile: not to be remembered
      known.set(key, found)
      return answer(found.file, found.sideEffects)
    })
}

async function find(
  build: PluginBuild,
  { path: name, kind, importer, resolveDir }: OnResolveArgs,
  tree: string,
): Promise<Place | null> {
  const found = await build.resolve(name, { kind, importer, resolveDir, pluginData: looked })
  if (found.errors.length > 0 || found.external || found.namespace !== 'file') return null
  const file = path.relative(tree, found.path)
  if (file.startsWith('..') || path.isAbsolute(file) || !code.test(file)) return null
  return { file: file.replaceAll(path.sep, '/'), sideEffects: found.sideEffects }
}
