// Files of the repository that its code names by its own place, and native add-ons it requires: shipped beside the bundles
// whose code does.
import path from 'node:path'
import type { Plugin } from 'esbuild'
import { isFile, isFolder, listFiles } from '../project-files.ts'
import type { Bundle } from './outputs.ts'
import { namedBeside, ownFolder, placed } from './own-place.ts'

export interface OwnFiles {
  plugin: Plugin
  /** What the code of `file` (relative to the repository) is to be bundled as. */
  rewrite(file: string, text: string): Promise<string>
  /** The files that a bundle needs, relative to the repository. */
  filesOf(bundle: Pick<Bundle, 'modules' | 'externals'>): Promise<string[]>
  /** Those that are shipped with some of the bundles. */
  shipped(bundles: Bundle[]): string[]
}

const shim = 'own native file'
const external = `./${ownFolder}/`

export function createOwnFiles(source: string): OwnFiles {
  const named = new Map<string, string[]>()
  return {
    async rewrite(file, text) {
      const there = await Promise.all(
        namedBeside(file, text).map(async one => ((await isThere(source, one)) ? [one] : [])),
      )
      named.set(file, there.flat())
      return there.flat().length === 0 ? text : placed(file, text)
    },
    async filesOf({ modules, externals }) {
      const asked = [
        ...modules.flatMap(file => named.get(file) ?? []),
        ...externals.flatMap(one => (one.path.startsWith(external) ? [one.path.slice(external.length)] : [])),
      ]
      const files = await Promise.all([...new Set(asked)].map(one => within(source, one)))
      return [...new Set(files.flat())].sort()
    },
    shipped: bundles =>
      bundles.flatMap(({ files }) =>
        files.flatMap(({ path: name }) =>
          name.startsWith(`${ownFolder}/`) ? [name.slice(ownFolder.length + 1)] : [],
        ),
      ),
    plugin: {
      name: 'own add-ons',
      setup(build) {
        build.onResolve(
          { filter: /\.node$/, namespace: 'file' },
          async ({ path: name, resolveDir, importer }) => {
            const file = path.relative(source, path.resolve(resolveDir, name))
            if (!name.startsWith('.') || isOfPackage(importer) || !(await isFile(source, file))) return null
            return { path: external + file, namespace: shim }
          },
        )
        build.onResolve({ filter: /.*/, namespace: shim }, ({ path: name }) => ({
          path: name,
          external: true,
        }))
        build.onLoad({ filter: /.*/, namespace: shim }, ({ path: name }) => ({
          contents: `module.exports = require(${JSON.stringify(name)})`,
        }))
      },
    },
  }
}

async function isThere(source: string, name: string): Promise<boolean> {
  return !isOfPackage(name) && ((await isFile(source, name)) || (await isFolder(source, name)))
}

async function within(source: string, name: string): Promise<string[]> {
  return (await isFile(source, name)) ? [name] : listFiles(source, name)
}

function isOfPackage(file: string): boolean {
  return file.split(path.sep).includes('node_modules')
}
