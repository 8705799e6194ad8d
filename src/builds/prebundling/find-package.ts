// Where a plugin hears of imports that lead from the repository's own code into an installed package.
import path from 'node:path'
import type { OnResolveResult, PluginBuild } from 'esbuild'
import { replaced } from '../bundling/aliases.ts'

const looked = { by: 'prebundling' }
const bare = /^[^./]/
const code = /\.[cm]?[jt]sx?$/

/** `answer` is asked with the package's file, relative to the install; what is found elsewhere stays what it is. */
export function findPackage(
  build: PluginBuild,
  tree: string,
  answer: (file: string, sideEffects: boolean) => OnResolveResult,
): void {
  build.onResolve({ filter: bare }, async ({ path: asked, kind, importer, resolveDir, pluginData }) => {
    // Asked by one of our plugins, and answering that one would never end; but a name that an alias stands for is asked for.
    if (pluginData !== undefined && pluginData !== replaced) return null
    if (kind === 'entry-point' || kind === 'require-resolve') return null
    const found = await build.resolve(asked, { kind, importer, resolveDir, pluginData: looked })
    if (found.errors.length > 0 || found.external || found.namespace !== 'file') return null
    const file = path.relative(tree, found.path)
    if (file.startsWith('..') || path.isAbsolute(file) || !code.test(file)) return null
    return answer(file.replaceAll(path.sep, '/'), found.sideEffects)
  })
}
