// Leaves packages that are shipped out of the bundles: what imports them asks for them when it runs, under the name they are
// shipped with, and gets what the bundler would have made of it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ImportKind, Plugin } from 'esbuild'
import { packageFolder, packageName, type Root, shippedNames, splitSpecifier } from './packages.ts'

const looked = { by: 'shipping' }
const shim = 'shipped'
export const required: ReadonlySet<ImportKind> = new Set(['require-call', 'require-resolve'])

export interface Asked extends Root {
  /** What stands in the bundle. */
  specifier: string
}

interface Options {
  source: string
  /** Folders of the packages that are shipped. */
  folders: ReadonlySet<string>
  /** Of a file as the bundler names it: its path in the folder the dependencies are in. */
  pathOf(file: string): string
  /** Is told of every way the bundles ask for a package, and of the file that does. */
  onAsked(asked: Asked, importer: string): void
}

export function shipPackages({ source, folders, pathOf, onAsked }: Options): Plugin {
  const names = shippedNames(folders)
  return {
    name: 'shipped packages',
    setup(build) {
      // Their code, where a bundle still has it, is looked at and bundled without its native parts.
      build.onLoad({ filter: /\.node$/, namespace: 'file' }, ({ path: file }) =>
        packageFolder(file) === null ? null : { contents: '' },
      )
      if (folders.size === 0) return
      build.onResolve({ filter: startingWith([...folders].map(packageName)) }, async asked => {
        const { path: specifier, kind, importer, namespace, pluginData, resolveDir } = asked
        if (pluginData === looked || namespace === shim) return null
        const found = await build.resolve(specifier, { kind, importer, resolveDir, pluginData: looked })
        if (found.errors.length > 0 || found.external) return null
        const folder = packageFolder(pathOf(path.relative(source, found.path)))
        const name = folder === null ? undefined : names.get(folder)
        if (folder === null || name === undefined) return found
        const { subpath } = splitSpecifier(specifier)
        const mode = !required.has(kind) && isModule(found.path) ? 'import' : 'require'
        onAsked({ mode, folder, subpath, specifier: name + subpath }, pathOf(path.relative(source, importer)))
        const external = mode === 'import' || required.has(kind)
        return external ? { path: name + subpath, external } : { path: name + subpath, namespace: shim }
      })
      build.onResolve({ filter: /.*/, namespace: shim }, ({ path: name }) => ({ path: name, external: true }))
      build.onLoad({ filter: /.*/, namespace: shim }, ({ path: name }) => ({
        contents: `module.exports = require(${JSON.stringify(name)})`,
      }))
    },
  }
}

export function isModule(file: string): boolean {
  if (file.endsWith('.mjs')) return true
  if (!file.endsWith('.js')) return false
  for (
    let at = path.dirname(file);
    path.basename(at) !== 'node_modules' && at !== path.dirname(at);
    at = path.dirname(at)
  )
    try {
      const description: unknown = JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8'))
      return (
        typeof description === 'object' &&
        description !== null &&
        'type' in description &&
        description.type === 'module'
      )
    } catch {
      // the next one above
    }
  return false
}

function startingWith(names: string[]): RegExp {
  const escaped = [...new Set(names)].map(name => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  return new RegExp(`^(?:${escaped.join('|')})(?:/|$)`)
}
