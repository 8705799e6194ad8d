// A small module in the place of each package: it runs the package where the package would have run, and gives what the package
// gives. A CommonJS package is what it exports; of a module, the names that are asked for.
import type { Plugin } from 'esbuild'
import type { FindPackage } from './find-package.ts'
import { fileOfModule, importOf, moduleOf, type Package, type Prebundled } from './prebundled.ts'

export const standIn = 'package'
const exported = 'package object'
const loader = 'package loader'

export function standInForPackages(find: FindPackage, { packages }: Prebundled, source: string): Plugin {
  const named = new Map(Object.entries(packages))
  return {
    name: 'packages bundled before',
    setup(build) {
      find(build, (file, sideEffects) =>
        named.has(file)
          ? { path: moduleOf(file), namespace: standIn, sideEffects }
          : { errors: [{ text: `${file} was not asked for before` }] },
      )
      for (const namespace of [exported, loader])
        build.onResolve({ filter: new RegExp(`^${namespace}:`) }, ({ path: name }) => ({
          path: name.slice(namespace.length + 1),
          namespace,
        }))
      build.onResolve({ filter: /^\.\/package-/, namespace: loader }, ({ path: name }) => ({
        path: name,
        external: true,
      }))
      for (const [namespace, contents] of Object.entries(contentsOf))
        build.onLoad({ filter: /.*/, namespace }, ({ path: name }) => {
          const file = fileOfModule(name)
          const found = named.get(file)
          return found && { contents: contents(file, found), resolveDir: source }
        })
    },
  }
}

const quoted = (namespace: string, file: string) => JSON.stringify(`${namespace}:${moduleOf(file)}`)

const objectOf = (file: string) => `module.exports = require(${quoted(loader, file)}).default()\n`

const contentsOf: Record<string, (file: string, found: Package) => string> = {
  [standIn]: (file, found) => (found.names ? names(found.names, quoted(exported, file)) : objectOf(file)),
  [exported]: objectOf,
  // A file of its own, because only a module can import a file beside it, and only CommonJS can be an object.
  [loader]: (_, found) => `export { default } from ${JSON.stringify(importOf(found))}\n`,
}

/** The statement that exports these of what `from` has. */
export function names(names: string[], from: string): string {
  const written = names.map(name => (/^[\w$]+$/.test(name) ? name : JSON.stringify(name)))
  return `export { ${written.join(', ')} } from ${from}\n`
}
