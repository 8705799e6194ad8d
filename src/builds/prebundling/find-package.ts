// Where imports lead that go from the repository's own code into an installed package.
import path from 'node:path'
import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild'
import { replaced } from '../bundling/aliases.ts'

const looked = { by: 'prebundling' }
const bare = /^[^./]/
const code = /\.[cm]?[jt]sx?$/

/** `answer` is asked with the package's file, relative to the install; what leads elsewhere is left to the bundler. */
export type FindPackage = (
  build: PluginBuild,
  answer: (file: string, sideEffects: boolean) => OnResolveResult,
) => void

interface Found {
  file: string
  sideEffects: boolean
}

/** The own code is bundled twice in a build: what was found the first time holds for the second. */
export function createPackageFinder(tree: string): FindPackage {
  const known = new Map<string, Promise<Found | null>>()
  return (build, answer) =>
    build.onResolve({ filter: bare }, async asked => {
      const { path: name, kind, resolveDir, pluginData } = asked
      // Asked by one of our plugins, and answering that one would never end; but a name that an alias stands for is asked for.
      if (pluginData !== undefined && pluginData !== replaced) return null
      if (kind === 'entry-point' || kind === 'require-resolve') return null
      const key = `${kind} ${name} ${resolveDir}`
      const finding = known.get(key) ?? find(build, asked, tree)
      known.set(key, finding)
      const found = await finding
      return found && answer(found.file, found.sideEffects)
    })
}

async function find(
  build: PluginBuild,
  { path: name, kind, importer, resolveDir }: OnResolveArgs,
  tree: string,
): Promise<Found | null> {
  const found = await build.resolve(name, { kind, importer, resolveDir, pluginData: looked })
  if (found.errors.length > 0 || found.external || found.namespace !== 'file') return null
  const file = path.relative(tree, found.path)
  if (file.startsWith('..') || path.isAbsolute(file) || !code.test(file)) return null
  return { file: file.replaceAll(path.sep, '/'), sideEffects: found.sideEffects }
}
